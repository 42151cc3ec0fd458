// The examples of docs/ADMIN.md: they are the fixtures of the operator's page, so neither can change without the other.

import { readFileSync } from 'node:fs'

const DOCUMENT = readFileSync(new URL('../../../docs/ADMIN.md', import.meta.url), 'utf8')

/** The part of the document under a heading. */
function under(heading) {
  const [, part] = DOCUMENT.split(`### ${heading}\n`)
  if (part === undefined) throw new Error(`docs/ADMIN.md has no heading ${heading}`)
  return part.split(/\n### /)[0]
}

/** The JSON block under a heading. */
export function block(heading) {
  const [, text] = /```json\n([^`]+)```/.exec(under(heading)) ?? []
  if (!text) throw new Error(`docs/ADMIN.md has no example under ${heading}`)
  return JSON.parse(text)
}

/** The JSON in a line of text under a heading that has all of `names`. */
export function line(heading, ...names) {
  const spans = [...under(heading).matchAll(/`(\{[^`]+\})`/g)].map(([, text]) => text)
  const found = spans.find((text) => names.every((name) => text.includes(`"${name}"`)))
  if (!found) throw new Error(`docs/ADMIN.md has no example with ${names} under ${heading}`)
  return JSON.parse(found)
}

const { '…': _, ...more } = block('`GET /admin/api/events/{id}`').event
const [listed] = block('`GET /admin/api/events`').events

/** Each a fresh copy: a test may change it. */
export const examples = () =>
  structuredClone({
    session: line('`/admin/session`', 'who', 'csrf'),
    health: block('`GET /admin/api/health`'),
    events: block('`GET /admin/api/events`'),
    story: { ...block('`GET /admin/api/events/{id}`'), event: { ...listed, ...more } },
    acted: line('`POST /admin/api/events/{id}/replay`, `…/park`, `…/ignore`', 'id', 'state'),
    assigned: line('`POST /admin/api/postings/assign`', 'outcome', 'free'),
    charts: block('`GET /admin/api/charts`'),
  })
