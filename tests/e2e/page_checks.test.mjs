// Every page that a person sees, except those of verification links, satisfies the rules of lib/page_checks.mjs.
import { declarePageChecks } from './lib/declare_page_checks.mjs';

declarePageChecks((name) => !name.startsWith('verify-'));
