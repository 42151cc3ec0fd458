// The files of the pay page themselves: types, size, what the shell may hold, what is served.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const text = (path) => readFileSync(at(path), 'utf8')
const assets = readdirSync(at('public/assets'))
const shell = text('public/pay.html')

test('the types hold', () => {
  const run = spawnSync(process.execPath, [at('node_modules/typescript/bin/tsc'), '-p', at('public')], { encoding: 'utf8' })
  assert.equal(run.stdout + run.stderr, '')
  assert.equal(run.status, 0)
})

test('the page is at most 30 KB, with every language', () => {
  const size = assets.map((file) => gzipSync(readFileSync(at(`public/assets/${file}`)), { level: 9 }).length).reduce((a, b) => a + b)
  assert.ok(size <= 30 * 1024, `${size} bytes`)
})

test('the shell has its markers, and nothing that its policy forbids', () => {
  for (const marker of ['{{STRIPE_JS}}', '{{EMBED_ORIGINS}}']) assert.equal(shell.split(marker).length, 2, marker)
  assert.doesNotMatch(shell, /\sstyle=|<style|\son\w+=|javascript:/i)
  for (const [, attributes, body] of shell.matchAll(/<script([^>]*)>([^<]*)<\/script>/g)) {
    assert.match(attributes, /\ssrc="/)
    assert.equal(body, '')
  }
})

test('the shell asks early for all modules but the entry and the languages', () => {
  const early = [...shell.matchAll(/modulepreload" href="\/assets\/([^"]+)"/g)].map((match) => match[1])
  const modules = assets.filter((file) => file.endsWith('.js') && file !== 'pay.js' && !file.startsWith('words-'))
  assert.deepEqual(early.sort(), modules.sort())
})

test('no module writes markup, evaluates text or logs', () => {
  for (const file of [...assets.filter((file) => file.endsWith('.js')).map((file) => `assets/${file}`), 'embed.js']) {
    assert.doesNotMatch(text(`public/${file}`), /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|console\.|setAttribute\('style'/, file)
  }
})

test('amounts never pass through a float', () => {
  for (const file of assets.filter((file) => file.endsWith('.js'))) {
    assert.doesNotMatch(text(`public/assets/${file}`), /parseFloat|toFixed|Number\([^)]*amount/i, file)
  }
})

test('the embed script has its marker once, and what only the Worker serves is not an asset', () => {
  assert.equal(text('public/embed.js').split('/*EMBED_ORIGINS*/[]').length, 2)
  const ignored = text('public/.assetsignore').split('\n')
  for (const file of ['*.html', 'embed.js', 'tsconfig.json', 'types.d.ts']) assert.ok(ignored.includes(file), file)
})
