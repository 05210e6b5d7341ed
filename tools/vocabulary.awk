# Reports retired words. The first file is tools/vocabulary.txt; the others have lines "file:text" or "file:line:text". The
# variable `scope`, set before each of them, says which rows of the list apply. Prints file:line: text <- replacement.
BEGIN { FS = "\t" }
FILENAME ~ /vocabulary\.txt$/ {
	if ($1 == "everywhere")
		everywhere[$2] = $3
	else if ($1 == "allow")
		allowed[$2, $3] = 1
	else if ($1 == "name" && $2 ~ /\*/) {
		pattern = $2
		gsub(/\*/, "[a-z0-9_]*", pattern)
		patterns["^" pattern "$"] = $3
	} else if ($1 == "name")
		names[$2] = $3
	next
}
function report(word, replacement) {
	if (!((file, word) in allowed))
		print place text "   <- retired word \"" word "\": use " replacement " (tools/vocabulary.txt)"
}
# The replacement of a name, or "". Each name is compared with the patterns once.
function replacement_of(name,    pattern) {
	if (name in names)
		return names[name]
	if (!(name in known)) {
		known[name] = ""
		for (pattern in patterns)
			if (name ~ pattern)
				known[name] = patterns[pattern]
	}
	return known[name]
}
{
	match($0, /^[^:]*:([0-9]+:)?/)
	place = substr($0, 1, RLENGTH)
	text = substr($0, RLENGTH + 1)
	file = place
	sub(/:.*/, "", file)
	n = scope == "name" ? split(text, words, /[^A-Za-z0-9_]+/) : split(tolower(text), words, /[^a-z]+/)
	for (i = 1; i <= n; i++) {
		if (scope == "everywhere" && words[i] in everywhere)
			report(words[i], everywhere[words[i]])
		else if (scope == "name" && replacement_of(words[i]) != "")
			report(words[i], replacement_of(words[i]))
	}
}
