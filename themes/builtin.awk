# Makes C of theme files: name and text of each.
BEGIN {
    print "/* Made by themes/builtin.awk from themes/ */"
    print "#include \"config.h\"\n"
    print "#include \"tui/theme_builtin.h\"\n"
    print "const struct theme_builtin theme_builtins[] = {"
}
FNR == 1 {
    if (open)
        print "    },"
    name = FILENAME
    sub(/^.*\//, "", name)
    sub(/\.theme$/, "", name)
    print "    {"
    print "        \"" name "\","
    open = 1
}
{
    gsub(/\\/, "\\\\")
    gsub(/"/, "\\\"")
    print "        \"" $0 "\\n\""
}
END {
    print "    },"
    print "    {0, 0},"
    print "};"
}
