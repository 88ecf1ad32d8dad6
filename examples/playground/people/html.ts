/** Trusted markup. */
class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type { Markup }

/** Markup that another part has made, such as the provider. */
export const markup = (text: string): Markup => new Markup(text)

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')

type Value = string | Markup | readonly Markup[]

const rendered = (value: Value): string => {
  if (typeof value === 'string') return escaped(value)
  return value instanceof Object && 'text' in value ? value.text : value.map(({ text }) => text).join('')
}

/** A template that escapes its values, unless they are markup from another template. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(String.raw({ raw: parts }, ...values.map(rendered)))
}

/** A page of the authorization server. It looks like the playground, but says that it is another site. */
export function page(title: string, content: Markup): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · authorization server</title>
<link rel="stylesheet" href="/style/tokens.css">
<link rel="stylesheet" href="/style/people.css">
</head>
<body>
<header><p>Authorization server <span>another site: the client never sees what you do here</span></p></header>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`.text
}
