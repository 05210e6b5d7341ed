# C files with comments emptied and the contents of strings and characters dropped; each line stays on its line. Prints
# file:line:code for lines that still have any. For the checks that look for words and functions.
FNR == 1 { in_comment = 0 }
{
	rest = $0
	code = ""
	while (rest != "") {
		if (in_comment) {
			end = index(rest, "*/")
			if (!end)
				break
			in_comment = 0
			rest = substr(rest, end + 2)
			code = code " "
		} else if (match(rest, /["']|\/\*|\/\//)) {
			code = code substr(rest, 1, RSTART - 1)
			mark = substr(rest, RSTART, RLENGTH)
			rest = substr(rest, RSTART + RLENGTH)
			if (mark == "//")
				break
			if (mark == "/*") {
				in_comment = 1
				continue
			}
			code = code mark mark
			while (rest != "" && substr(rest, 1, 1) != mark)
				rest = substr(rest, substr(rest, 1, 1) == "\\" ? 3 : 2)
			rest = substr(rest, 2)
		} else {
			code = code rest
			break
		}
	}
	if (code !~ /^[ \t]*$/)
		print FILENAME ":" FNR ":" code
}
