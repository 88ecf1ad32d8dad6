import { html, type Markup } from '../../playground/people/html.ts'

export interface PageParts {
  readonly title: string
  readonly content: Markup
  /** Who is signed in. */
  readonly user?: string | undefined
}

/** A page of the application. `html` escapes every value. */
export function layout({ title, content, user }: PageParts): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Order book</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header><b><a href="/">Order book</a></b>${user === undefined ? '' : html`<span class="who">signed in as <strong>${user}</strong></span>`}</header>
<main>
<h1>${title}</h1>
${content}
</main>
<footer>An example of a client: your tokens stay on this server, and your browser has only the cookie of a session.</footer>
</body>
</html>
`.text
}
