// A browser reads no other page of a folder for a script (file://), so there search results come without an excerpt.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
