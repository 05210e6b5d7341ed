// Tests of the pages of people_pages.mjs by the rules of page_checks.mjs.
import { Browser } from './browser.mjs';
import { pageTest } from './database.mjs';
import { PageChecker } from './page_checks.mjs';
import { PeopleServer, pagesIn } from './people_pages.mjs';

/**
 * Declares a test of the selected pages for English and one for Arabic. Weight and time are measured in English only. The
 * documentation has a test of its own.
 */
export function declarePageChecks(isSelected) {
	for (const language of ['en', 'ar']) {
		pageTest(`every page is accessible and private, and is visible soon, in ${language}`, async (t) => {
			const people = await PeopleServer.open();
			t.after(() => people.close());
			const browser = await Browser.open(t);
			const checker = await PageChecker.open(t, browser, language, [people.base]);
			for (const { name, path, status, open } of pagesIn(language).filter((row) => !row.isLarge && isSelected(row.name)))
				await t.test(name, async () => checker.check(people.base + (await path(people, language)), { open, status, light: language === 'en', label: name }));
		});
	}
}
