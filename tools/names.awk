# Reads the output of code_only.awk and prints the declared names as "file:line: name": functions, macros with parameters,
# function pointers in structs, and types. Names listed in words.allow are left out.
function print_name(name) {
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
# A function: the name before "(" on a line that is not indented.
line ~ /^[A-Za-z_]/ && match(line, /[A-Za-z_][A-Za-z0-9_]*\(/) {
	print_name(substr(line, RSTART, RLENGTH - 1))
}
match(line, /^[ \t]*#[ \t]*define[ \t]+[A-Za-z_][A-Za-z0-9_]*\(/) {
	name = substr(line, RSTART, RLENGTH - 1)
	sub(/.*[ \t]/, "", name)
	print_name(name)
}
match(line, /\(\*[A-Za-z_][A-Za-z0-9_]*\)\(/) {
	print_name(substr(line, RSTART + 2, RLENGTH - 4))
}
match(line, /(struct|enum|union)[ \t]+[A-Za-z_][A-Za-z0-9_]*[ \t]*\{/) {
	name = substr(line, RSTART, RLENGTH)
	sub(/[ \t]*\{/, "", name)
	sub(/.*[ \t]/, "", name)
	print_name(name)
}
# A type whose opening brace is on the next line.
match(line, /^(struct|enum|union)[ \t]+[A-Za-z_][A-Za-z0-9_]*[ \t]*$/) {
	name = line
	sub(/[ \t]*$/, "", name)
	sub(/.*[ \t]/, "", name)
	print_name(name)
}
# A typedef on one line, or the last line of a longer one.
(line ~ /^typedef / && match(line, /[A-Za-z_][A-Za-z0-9_]*;[ \t]*$/)) || match(line, /^\}[ \t]*[A-Za-z_][A-Za-z0-9_]*;[ \t]*$/) {
	name = substr(line, RSTART, RLENGTH)
	gsub(/[^A-Za-z0-9_]/, "", name)
	print_name(name)
}
