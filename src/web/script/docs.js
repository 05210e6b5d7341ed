/* The documentation: tabs of samples, the navigation, buttons that copy, and forms that send a call. Without this script all
   samples are there, one below the other. */
const MEMORY = 'kycd.docs.language';

function element(name, properties = {}, ...children) {
	const made = Object.assign(document.createElement(name), properties);
	made.append(...children);
	return made;
}

/* A browser can refuse to store. */
function remembered() {
	try {
		return localStorage.getItem(MEMORY);
	} catch {
		return null;
	}
}

function remember(language) {
	try {
		localStorage.setItem(MEMORY, language);
	} catch {
		/* The choice then holds for this page only. */
	}
}

const tabSets = [];

function choose(language) {
	for (const tabs of tabSets)
		for (const { name, tab, panel } of tabs) {
			const selected = name === language;
			tab.setAttribute('aria-selected', String(selected));
			tab.tabIndex = selected ? 0 : -1;
			panel.hidden = !selected;
		}
}

function makeTabs(samples, number) {
	const list = element('div', { className: 'tabs', role: 'tablist', ariaLabel: 'Language of the sample' });
	const tabs = [...samples.querySelectorAll('.sample')].map((sample) => {
		const name = sample.dataset.language;
		const id = `sample-${number}-${name}`;
		const tab = element('button', { type: 'button', id, role: 'tab', textContent: sample.querySelector('summary').textContent });
		const panel = element('div', { id: `${id}-panel`, role: 'tabpanel', className: 'sample' }, sample.querySelector('pre'));
		panel.dataset.language = name;
		panel.setAttribute('aria-labelledby', id);
		tab.setAttribute('aria-controls', panel.id);
		sample.replaceWith(panel);
		list.append(tab);
		return { name, tab, panel };
	});
	list.addEventListener('click', ({ target }) => {
		const chosen = tabs.find(({ tab }) => tab === target);
		if (!chosen) return;
		/* The other tabs of the page change as well: what the person reads must not move. */
		const before = list.getBoundingClientRect().top;
		choose(chosen.name);
		remember(chosen.name);
		scrollBy({ top: list.getBoundingClientRect().top - before, behavior: 'instant' });
	});
	list.addEventListener('keydown', (event) => {
		const steps = { ArrowRight: 1, ArrowLeft: -1 };
		if (!(event.key in steps)) return;
		const at = tabs.findIndex(({ tab }) => tab === document.activeElement);
		const next = tabs[(at + steps[event.key] + tabs.length) % tabs.length].tab;
		event.preventDefault();
		next.focus();
		next.click();
	});
	samples.prepend(list);
	tabSets.push(tabs);
}

function makeCopyButton(pre) {
	const text = pre.textContent;
	const button = element('button', { type: 'button', className: 'copy-button', textContent: 'Copy' });
	button.addEventListener('click', async () => {
		await navigator.clipboard.writeText(text).then(
			() => (button.textContent = 'Copied'),
			() => (button.textContent = 'Not copied'));
		setTimeout(() => (button.textContent = 'Copy'), 2000);
	});
	pre.append(button);
}

function followNarrowScreens(menu) {
	const narrow = matchMedia('(max-width: 63.99rem)');
	const follow = () => {
		menu.open = !narrow.matches;
	};
	follow();
	menu.classList.add('ready');
	narrow.addEventListener('change', follow);
	menu.addEventListener('click', ({ target }) => {
		if (narrow.matches && target.closest('nav a')) menu.open = false;
	});
}

/* Marks the part of the page that is being read in the navigation. */
function followReading(menu) {
	const links = new Map([...menu.querySelectorAll('a[href^="#"]')].map((link) => [decodeURIComponent(link.hash.slice(1)), link]));
	const parts = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
	if (parts.length === 0) return;
	let current = null;
	const mark = () => {
		const read = parts.filter((part) => part.getBoundingClientRect().top < innerHeight / 4).at(-1) ?? parts[0];
		const link = links.get(read?.id);
		if (link === current) return;
		current?.removeAttribute('aria-current');
		link.setAttribute('aria-current', 'true');
		current = link;
		const { top, bottom } = link.getBoundingClientRect();
		if (menu.scrollHeight > menu.clientHeight && (top < 0 || bottom > innerHeight)) menu.scrollTop += top - innerHeight / 2;
	};
	let waiting = false;
	addEventListener('scroll', () => {
		if (waiting) return;
		waiting = true;
		requestAnimationFrame(() => {
			waiting = false;
			mark();
		});
	}, { passive: true });
	mark();
}

/* What the form sends: `path` with the parameters in it, and what fetch needs. */
function requestOf(form) {
	let { path } = form.dataset;
	const query = new URLSearchParams();
	const options = { method: form.dataset.method, headers: {}, redirect: 'manual' };
	for (const { name, value, dataset } of form.elements) {
		if (dataset.place === 'path') path = path.replace(`:${name}`, encodeURIComponent(value));
		else if (dataset.place === 'query' && value !== '') query.set(name, value);
		else if (dataset.place === 'key' && value !== '') options.headers['x-api-key'] = value;
		else if (dataset.place === 'body') {
			options.headers['content-type'] = 'application/json';
			options.body = value;
		}
	}
	return [query.toString() ? `${path}?${query}` : path, options];
}

function readable(text) {
	try {
		return JSON.stringify(JSON.parse(text), null, 2);
	} catch {
		return text;
	}
}

async function send(form) {
	const result = form.querySelector('.result');
	const received = form.querySelector('.received');
	const button = form.querySelector('button');
	const start = performance.now();
	const [path, options] = requestOf(form);
	button.disabled = true;
	result.textContent = 'Sending\u2026';
	received.hidden = true;
	try {
		const response = await fetch(path, options);
		const text = await response.text();
		const time = `${Math.round(performance.now() - start)} ms`;
		result.textContent = response.type === 'opaqueredirect' ? `A redirect, ${time}` : `${response.status} ${response.statusText}, ${time}`;
		received.querySelector('code').textContent = readable(text);
		received.hidden = text === '';
	} catch (error) {
		result.textContent = `No answer: ${error.message}`;
	}
	button.disabled = false;
}

document.querySelectorAll('.samples').forEach(makeTabs);
if (tabSets.length > 0) {
	const names = tabSets[0].map(({ name }) => name);
	choose(names.includes(remembered()) ? remembered() : names[0]);
}
document.querySelectorAll('.samples pre, .code figure pre, .document pre').forEach(makeCopyButton);
for (const form of document.querySelectorAll('.try')) {
	form.hidden = false;
	form.addEventListener('submit', (event) => {
		event.preventDefault();
		send(form);
	});
}
const menu = document.querySelector('.menu');
followNarrowScreens(menu);
followReading(menu);
/* The page has become shorter: the part in the URL has moved. */
if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView({ behavior: 'instant' });
