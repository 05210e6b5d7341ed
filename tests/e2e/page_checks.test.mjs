// Every page that a person sees satisfies the same rules (lib/page_checks.mjs), in English and in Arabic. Weight and time are measured
// in English only. The documentation has a test of its own.
import { Browser } from './lib/browser.mjs';
import { pageTest } from './lib/database.mjs';
import { PeopleServer, pagesIn } from './lib/people_pages.mjs';
import { PageChecker } from './lib/page_checks.mjs';

for (const language of ['en', 'ar']) {
	pageTest(`every page is accessible and private, and is visible soon, in ${language}`, async (t) => {
		const people = await PeopleServer.open();
		t.after(() => people.close());
		const browser = await Browser.open(t);
		const checker = await PageChecker.open(t, browser, language, [people.base]);
		for (const { name, path, status, open } of pagesIn(language).filter(({ isLarge }) => !isLarge))
			await t.test(name, async () => checker.check(people.base + (await path(people, language)), { open, status, light: language === 'en', label: name }));
	});
}
