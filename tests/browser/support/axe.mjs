// What axe-core has to say of a page.

import assert from 'node:assert/strict'

import axe from 'axe-core'

import { DESKTOP, PHONE, PICTURES } from './index.mjs'

/** Every size and scheme that a state is looked at in. */
const LOOKS = [PHONE, DESKTOP].flatMap((size) => ['light', 'dark'].map((colorScheme) => ({ size, colorScheme })))

/** Looks at the page in every size and scheme: nothing for axe to say but of `exclude`, nothing wider than the page. */
export async function accessible({ page }, state, { exclude = [], frame = page.mainFrame() } = {}) {
  await frame.evaluate(axe.source)
  for (const { size, colorScheme } of LOOKS) {
    await page.setViewportSize(size)
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const { violations, wide } = await frame.evaluate(
      async (exclude) => ({
        violations: (await globalThis.axe.run({ include: [['html']], exclude }, { resultTypes: ['violations'] }))
          .violations,
        wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      }),
      exclude,
    )
    if (process.env.QUITTANCE_PICTURES)
      await page.screenshot({ path: `${PICTURES}/${state}-${size.width}-${colorScheme}.png`, fullPage: true })
    const found = violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html, any }) => `${html} ${any.map(({ message }) => message)}`)}`,
    )
    assert.deepEqual(found, [], `${state}, ${size.width} px, ${colorScheme}`)
    assert.equal(wide, 0, `${state} is wider than ${size.width} px`)
  }
}
