-- Fills a new SQLite database that has one tenant with 2,000,000 people, each with a session, for bench/people_page.mjs.
PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-400000;
CREATE TEMP TABLE n AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i<2000000) SELECT i, printf('01m8%022d', i) AS uid, printf('01m8%014d', i)||printf('%08d', (i*7919)%100000000) AS pid, CAST(printf('%032d', i) AS BLOB) AS bi, 1796000000000+i AS at FROM c;
BEGIN;
INSERT INTO users SELECT uid,'@'||(SELECT id FROM tenants),zeroblob(72),'',at,0,0,0,'',0,bi FROM n;
INSERT INTO addresses SELECT bi,1,uid,zeroblob(60),at,'' FROM n;
INSERT INTO enrolments(tenant_id,user_id,blind_index,prepared_at,verified_at,last_mail_id,public_user_id,overall_status,updated_at,reference_index)
 SELECT (SELECT id FROM tenants),uid,bi,at,at,'',pid,CASE i%10 WHEN 0 THEN 4 WHEN 1 THEN 2 WHEN 2 THEN 1 ELSE 3 END,at,printf('%064d',i) FROM n;
INSERT INTO sessions(id,user_id,tenant_id,flow,provider_version,features,provider_ref,status,sealed_url,sealed_decision,blocklisted,created_at,provider_event_at,last_update_at,last_poll_at,return_poll_at,instance_id,quota_month,after_declines,next_poll_at)
 SELECT uid,uid,(SELECT id FROM tenants),'verify_public_kyc','v3','','r'||uid,CASE i%10 WHEN 0 THEN 7 WHEN 1 THEN 5 WHEN 2 THEN 3 ELSE 6 END,x'',x'',0,at,0,at,0,0,'',0,0,at+86400000000 FROM n;
COMMIT;
