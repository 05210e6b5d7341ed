# From the lines of code_only.awk: the names that are declared, as "file:line: name". Functions and macros with
# parameters, functions in a struct of functions, types. Names listed in words.allow are left out.
function say(name) {
	if (!(name in allowed))
		print place, name
}

FILENAME ~ /words\.allow$/ {
	sub(/#.*/, "")
	if (NF)
		allowed[$1] = 1
	next
}
{
	match($0, /^[^:]*:[0-9]+:/)
	place = substr($0, 1, RLENGTH)
	line = substr($0, RLENGTH + 1)
}
# What stands before "(" on a line that begins at the margin.
line ~ /^[A-Za-z_]/ && match(line, /[A-Za-z_][A-Za-z0-9_]*\(/) {
	say(substr(line, RSTART, RLENGTH - 1))
}
match(line, /^[ \t]*#[ \t]*define[ \t]+[A-Za-z_][A-Za-z0-9_]*\(/) {
	name = substr(line, RSTART, RLENGTH - 1)
	sub(/.*[ \t]/, "", name)
	say(name)
}
match(line, /\(\*[A-Za-z_][A-Za-z0-9_]*\)\(/) {
	say(substr(line, RSTART + 2, RLENGTH - 4))
}
match(line, /(struct|enum|union)[ \t]+[A-Za-z_][A-Za-z0-9_]*[ \t]*\{/) {
	name = substr(line, RSTART, RLENGTH)
	sub(/[ \t]*\{/, "", name)
	sub(/.*[ \t]/, "", name)
	say(name)
}
# Linux braces put the brace of a long struct on the same line, but a name can stand alone: enum word \n {
match(line, /^(struct|enum|union)[ \t]+[A-Za-z_][A-Za-z0-9_]*[ \t]*$/) {
	name = line
	sub(/[ \t]*$/, "", name)
	sub(/.*[ \t]/, "", name)
	say(name)
}
# typedef … name; and the last line of a long one.
(line ~ /^typedef / && match(line, /[A-Za-z_][A-Za-z0-9_]*;[ \t]*$/)) || match(line, /^\}[ \t]*[A-Za-z_][A-Za-z0-9_]*;[ \t]*$/) {
	name = substr(line, RSTART, RLENGTH)
	gsub(/[^A-Za-z0-9_]/, "", name)
	say(name)
}
