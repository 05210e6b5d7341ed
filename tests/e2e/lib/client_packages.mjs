// The packages of the client libraries, as `make clients` built them, and the programs in their README files.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
export const clientsFolder = path.join(root, 'clients');

async function packageFile(ending) {
  const names = await readdir(path.join(root, 'build-clients')).catch(() => []);
  const name = names.find((one) => one.endsWith(ending));
  assert.ok(name, `build-clients/ has no *${ending}: run "make clients" first`);
  return path.join(root, 'build-clients', name);
}

/** Installs the npm package into `folder`/node_modules, as npm would. */
export async function installTypescript(folder) {
  const target = path.join(folder, 'node_modules/kycd-client');
  await mkdir(target, { recursive: true });
  execFileSync('tar', ['-xzf', await packageFile('.tgz'), '-C', target, '--strip-components=1']);
  return target;
}

/** Returns the environment in which Python finds the wheel. Python imports from a wheel as from a folder. */
export async function pythonEnvironment() {
  return { ...process.env, PYTHONPATH: await packageFile('.whl') };
}

/** The libraries: how a program of their README is run. */
export const LANGUAGES = {
  typescript: { fence: 'js', file: 'example.mjs', command: 'node', method: (operationId) => operationId },
  python: { fence: 'python', file: 'example.py', command: 'python3', method: (operationId) => operationId.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) },
};

/** Returns the program of the README after the comment `<!-- e2e: NAME -->`. */
export async function exampleOf(language, name) {
  const page = await readFile(path.join(clientsFolder, language, 'README.md'), 'utf8');
  const found = new RegExp(`<!-- e2e: ${name} -->\\n\`\`\`${LANGUAGES[language].fence}\\n([\\s\\S]*?)\`\`\``).exec(page);
  assert.ok(found, `clients/${language}/README.md has the example ${name}`);
  return found[1];
}

/** Writes the program into `folder`, with the package beside it. Returns {command, args, env} to run it. */
export async function installProgram(folder, language, text) {
  const { file, command } = LANGUAGES[language];
  await writeFile(path.join(folder, file), text);
  if (language === 'typescript') await installTypescript(folder);
  return { command, args: [file], env: language === 'python' ? await pythonEnvironment() : { ...process.env } };
}

/** Installs an example of the README, with other addresses. */
export async function installExample(folder, language, name, replacements) {
  let text = await exampleOf(language, name);
  for (const [from, to] of Object.entries(replacements)) {
    assert.ok(text.includes(from), `the example ${name} contains ${from}`);
    text = text.replaceAll(from, to);
  }
  return installProgram(folder, language, text);
}
