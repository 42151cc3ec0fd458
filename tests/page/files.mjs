// The files of the two pages themselves: types, size, what the shells may hold, what is served.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const text = (path) => readFileSync(at(path), 'utf8')
const assets = readdirSync(at('public/assets'))
const operators = (file) => file.startsWith('admin')
/** Modules of the pay page that the operator's page uses as well. */
const SHARED = ['dom.js', 'money.js']

/** Each page: its shell, what the Worker fills in, its files, and the most that they may have together, compressed. */
const PAGES = [
  {
    name: 'pay',
    markers: ['{{STRIPE_JS}}', '{{EMBED_ORIGINS}}'],
    files: assets.filter((file) => !operators(file)),
    most: 30 * 1024,
  },
  {
    name: 'admin',
    markers: ['{{WAYS}}'],
    files: assets.filter((file) => operators(file) || SHARED.includes(file)),
    most: 38 * 1024,
  },
  // A sheet for each view packs 2 KB worse than one of all; only operators load them.
]
const early = (shell) => [...shell.matchAll(/modulepreload" href="\/assets\/([^"]+)"/g)].map((match) => match[1])

test('the types hold', () => {
  const run = spawnSync(process.execPath, [at('node_modules/typescript/bin/tsc'), '-p', at('public')], {
    encoding: 'utf8',
  })
  assert.equal(run.stdout + run.stderr, '')
  assert.equal(run.status, 0)
})

for (const { name, markers, files, most } of PAGES) {
  const shell = text(`public/${name}.html`)

  test(`${name}: the page is at most ${most / 1024} KB, with every language`, () => {
    const size = files
      .map((file) => gzipSync(readFileSync(at(`public/assets/${file}`)), { level: 9 }).length)
      .reduce((a, b) => a + b)
    assert.ok(size <= most, `${size} bytes`)
  })

  test(`${name}: the shell has its markers, and nothing that its policy forbids`, () => {
    for (const marker of markers) assert.equal(shell.split(marker).length, 2, marker)
    assert.doesNotMatch(shell, /\sstyle=|<style|\son\w+=|javascript:/i)
    for (const [, attributes, body] of shell.matchAll(/<script([^>]*)>([^<]*)<\/script>/g)) {
      assert.match(attributes, /\ssrc="/)
      assert.equal(body, '')
    }
  })

  test(`${name}: the shell asks early for all modules but the entry and the languages`, () => {
    const modules = files.filter((file) => file.endsWith('.js') && file !== `${name}.js` && !file.startsWith('words-'))
    assert.deepEqual(early(shell).sort(), modules.sort())
  })
}

test('no module writes markup, evaluates text or logs', () => {
  for (const file of [...assets.filter((file) => file.endsWith('.js')).map((file) => `assets/${file}`), 'embed.js']) {
    assert.doesNotMatch(
      text(`public/${file}`),
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|console\.|setAttribute\('style'/,
      file,
    )
  }
})

test('amounts never pass through a float', () => {
  for (const file of assets.filter((file) => file.endsWith('.js'))) {
    assert.doesNotMatch(text(`public/assets/${file}`), /parseFloat|toFixed|Number\([^)]*amount/i, file)
  }
})

test('the embed script has its marker once, and what only the Worker serves is not an asset', () => {
  assert.equal(text('public/embed.js').split('/*EMBED_ORIGINS*/ []').length, 2)
  const ignored = text('public/.assetsignore').split('\n')
  for (const file of ['*.html', 'embed.js', 'tsconfig.json', 'types.d.ts', 'admin.d.ts'])
    assert.ok(ignored.includes(file), file)
})
