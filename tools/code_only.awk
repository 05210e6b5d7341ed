# Removes comments and the contents of string and character literals from C files. Prints file:line:code for each line that
# still contains code, with its line number in the file. Used by the checks that search for words and names.
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
