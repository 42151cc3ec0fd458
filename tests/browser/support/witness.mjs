// What must hold in every test: the page's policy is never broken, no script fails, nobody else is asked for anything,
// and the link's token travels only in the first navigation.

import assert from 'node:assert/strict'

/** Runs in every document before its own scripts. */
const LISTEN = () => {
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
    console.error(`policy broken: ${violatedDirective} by ${blockedURI}`),
  )
}
/** A status that tells the page something is in the console as well. */
const TOLD = /^Failed to load resource: the server responded with a status of/
const ANSWERS = /\/(api|v1|pay\/logo|admin)\//

/** Watches a browser context. `origins` may be asked for something. */
export async function witness(context, origins) {
  const wrong = []
  const forgiven = []
  const forgives = (text) => forgiven.some((pattern) => pattern.test(text))
  await context.addInitScript(LISTEN)
  context.on('console', (message) => {
    const told = TOLD.test(message.text()) && ANSWERS.test(message.location().url)
    if (message.type() === 'error' && !told) wrong.push(`console: ${message.text()} (${message.location().url})`)
  })
  context.on('weberror', (error) => wrong.push(`script: ${error.error().stack}`))
  context.on('request', (request) => {
    const { origin, protocol } = new URL(request.url())
    if (protocol !== 'data:' && !origins.includes(origin)) wrong.push(`asked: ${request.url()}`)
    const leaks = request.url().includes('access_token') && !request.isNavigationRequest()
    if (leaks || request.headers().referer?.includes('access_token')) wrong.push(`token sent: ${request.url()}`)
  })
  return {
    /** A test that breaks something on purpose says so. */
    forgive: (pattern) => forgiven.push(pattern),
    /** What was noticed so far, forgiven or not. */
    reports: () => wrong,
    check() {
      for (const page of context.pages()) {
        if (page.url().startsWith('http') && page.url().includes('access_token'))
          wrong.push(`token in the address: ${page.url()}`)
      }
      const left = wrong.filter((text) => !forgives(text))
      assert.deepEqual(left, [], 'what went wrong behind the scenes')
    },
  }
}
