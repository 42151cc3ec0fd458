// The script that embeds the pay page, without a browser: which pay page it believes to be its own.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { createContext, runInContext } from 'node:vm'

const SCRIPT = readFileSync(new URL('../../public/embed.js', import.meta.url), 'utf8')

/** Runs it on a page of https://books.example without dialogs, so that it opens tabs; gives the page and the tabs. */
function page(script) {
  const tabs = []
  const window = { open: (url) => tabs.push(url) }
  const location = { href: 'https://books.example/my/invoices/7', origin: 'https://books.example' }
  const document = {
    currentScript: { hasAttribute: () => false, dataset: {}, ...script },
    documentElement: { lang: 'en' },
  }
  const context = createContext({ window, document, location, URL, TypeError, navigator: { languages: [] } })
  runInContext(SCRIPT, context)
  return { tabs, open: (request) => window.Quittance.open(request) }
}

test('a page that serves a copy names the pay page, and no other is opened', async () => {
  const copy = {
    src: 'https://books.example/quittance/static/src/embed_0123.js',
    dataset: { home: 'https://pay.example' },
  }
  const { tabs, open } = page(copy)
  await open({ invoice: 7, token: 't' })
  await open({ url: 'https://pay.example/pay/8?access_token=u' })
  assert.deepEqual(tabs, ['https://pay.example/pay/7?access_token=t', 'https://pay.example/pay/8?access_token=u'])
  for (const url of [
    'https://books.example/pay/7',
    'https://pay.example.evil/pay/7',
    'https://pay.example/admin',
    'javascript:alert(1)',
  ]) {
    await assert.rejects(open({ url }), { name: 'TypeError' }, url)
  }
})

test('without a name the pay page is where the script came from', async () => {
  const { tabs, open } = page({ src: 'https://pay.example/embed.js' })
  await open({ invoice: 7 })
  assert.deepEqual(tabs, ['https://pay.example/pay/7'])
  await assert.rejects(open({ url: 'https://books.example/pay/7' }), { name: 'TypeError' })
})
