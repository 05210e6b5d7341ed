/* A comment
   of two lines. */
// a comment
const a = 1; // a remark

	document.title = `${a}`;
