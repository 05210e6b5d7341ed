// A script that imports another one.
import './demo.js';

const a = 2;
