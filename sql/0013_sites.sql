-- tenants.site: the origin of the tenant's own pages, on which people sign wallet challenges (src/domain/site.h); empty: none.

ALTER TABLE tenants ADD COLUMN site {text} NOT NULL DEFAULT '';
