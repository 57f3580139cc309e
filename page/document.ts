/** The files that make the page: a document without any script or style in it, and the two that the build bundles. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const document = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>cutover</title>
<link rel="icon" href="icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="page.css">
<script type="module" src="page.js"></script>
</head>
<body><div id="page"><noscript>This page needs JavaScript. “cutover list” tells the same in a terminal.</noscript></div></body>
</html>
`;

/** A cut: blue, then green. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0f172a"/><path d="M6 20h8l4-8h8" fill="none" stroke="#22c55e" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/><path d="M6 20h8" fill="none" stroke="#60a5fa" stroke-width="4" stroke-linecap="round"/></svg>`;

/** @throws {Error} when nobody has built it */
export function bundled(name: 'page.js' | 'page.css'): string {
  const found = [join(__dirname, 'browser', name), join(__dirname, '..', 'lib', 'page', 'browser', name)].find((file) =>
    existsSync(file),
  );
  if (found === undefined) throw new Error(`The page's ${name} is missing: run "npm run build".`);
  return readFileSync(found, 'utf8');
}
