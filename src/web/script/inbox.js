// The inbox of development mode: adds new e-mails every two seconds, and copies codes. Without it, the page has a link that
// refreshes it. E-mails are untrusted: the server has escaped them, and their HTML is shown only in sandboxed frames.
const messages = document.getElementById("messages");
const news = document.getElementById("news");

async function copy(text) {
	if (navigator.clipboard) return navigator.clipboard.writeText(text);
	// Only secure contexts have a clipboard. Without TLS, that is localhost and IP addresses of loopback.
	const field = document.createElement("textarea");
	field.value = text;
	document.body.append(field);
	field.select();
	document.execCommand("copy");
	field.remove();
}

function showButtons() {
	for (const button of document.querySelectorAll("button[data-copy][hidden]")) button.hidden = false;
}

document.addEventListener("click", async ({ target }) => {
	const button = target.closest("button[data-copy]");
	if (!button) return;
	await copy(button.dataset.copy);
	button.textContent = button.dataset.done;
});

// Adds the e-mails that the page does not show yet. Those that it shows stay as they are, so that an open preview stays open.
async function refresh() {
	const response = await fetch(location.href, { headers: { accept: "text/html" } });
	if (!response.ok) return;
	const page = new DOMParser().parseFromString(await response.text(), "text/html");
	const added = [...page.querySelectorAll("article")].filter((article) => !document.getElementById(article.id));
	if (added.length === 0) return;
	if (!messages.querySelector("article")) messages.replaceChildren();
	messages.prepend(...added);
	showButtons();
	news.textContent = news.dataset.new;
}

showButtons();
if (news.dataset.refresh) {
	setInterval(() => {
		if (!document.hidden) refresh().catch(() => {});
	}, 2000);
}
