// Takes a screenshot of every page that a person sees (e2e/lib/people_pages.mjs) in three widths, light and dark, in English and in
// Arabic, and writes an index that shows them side by side. Run by `make screenshots`.
//   node screenshots.mjs [FOLDER [NAME…]]     FOLDER: default ../build-screenshots; NAME: only pages whose name begins so
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Browser } from './e2e/lib/browser.mjs';
import { PeopleServer, pagesIn } from './e2e/lib/people_pages.mjs';

const [folder = path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../build-screenshots'), ...names] = process.argv.slice(2);
const LANGUAGES = (process.env.LANGUAGES ?? 'en ar').split(' ');
const VIEWS = [{ width: 320, height: 568 }, { width: 768, height: 1024 }, { width: 1440, height: 900 }].flatMap(({ width, height }) =>
	[false, true].map((dark) => ({ name: `${width}-${dark ? 'dark' : 'light'}`, width, height, dark })));

const cleanUp = [];
const people = await PeopleServer.open();
cleanUp.push(() => people.close());
let failed = 0;
try {
	const browser = await Browser.open({ after: (work) => cleanUp.push(work) });
	await mkdir(folder, { recursive: true });
	for (const language of LANGUAGES) {
		const pages = [];
		for (const view of VIEWS) pages.push({ view, page: await browser.page({ ...view, language, allow: [people.base] }) });
		for (const row of pagesIn(language).filter(({ name }) => names.length === 0 || names.some((start) => name.startsWith(start)))) {
			try {
				const url = people.base + (await row.path(people, language));
				for (const { view, page } of pages) {
					await page.goto(url);
					await row.open?.(page);
					await page.screenshot({ path: path.join(folder, `${row.name} ${language} ${view.name}.png`), fullPage: !row.isLarge });
				}
				console.log(`${row.name} ${language}`);
			} catch (error) {
				failed += 1;
				console.error(`${row.name} ${language}: ${error.message}`);
			}
		}
		for (const { page } of pages) await page.context().close();
	}
	const files = (await readdir(folder)).filter((name) => name.endsWith('.png')).sort();
	const figures = files.map((name) => `<figure><figcaption>${name}</figcaption><a href="${encodeURI(name)}"><img loading="lazy" src="${encodeURI(name)}" alt=""></a></figure>`);
	await writeFile(path.join(folder, 'index.html'), `<!DOCTYPE html><meta charset="utf-8"><title>Pages</title>
<style>body{font:14px sans-serif;display:flex;flex-wrap:wrap;gap:1rem}figure{margin:0;width:20rem}img{max-width:100%;border:1px solid #888}</style>
${figures.join('\n')}\n`);
	console.log(`${files.length} files in ${folder}/index.html`);
} finally {
	for (const work of cleanUp.reverse()) await work();
}
process.exitCode = failed > 0 ? 1 : 0;
