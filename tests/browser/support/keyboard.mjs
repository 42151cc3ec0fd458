// Whoever has a keyboard and no mouse.

import assert from 'node:assert/strict'

/** The element that has the focus, in whatever shadow tree it is. */
const focused = (page) =>
  page.evaluateHandle(() => {
    let element = document.activeElement
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
    return element
  })

/** Presses Tab until `locator` has the focus, which must be seen. */
export async function tabTo(page, locator, key = 'Tab') {
  for (let n = 0; n < 40; n += 1) {
    if (await locator.evaluate((element) => element.getRootNode().activeElement === element)) return seen(page)
    await page.keyboard.press(key)
  }
  assert.fail(`Tab never comes to ${locator}`)
}

/** Whether the element with the focus looks otherwise than without. */
async function seen(page) {
  const element = (await focused(page)).asElement()
  const box = await element.boundingBox()
  const clip = { x: box.x - 8, y: box.y - 8, width: box.width + 16, height: box.height + 16 }
  const after = await page.screenshot({ clip })
  await element.evaluate((node) => node.blur())
  const before = await page.screenshot({ clip })
  await element.evaluate((node) => node.focus())
  assert.ok(
    !before.equals(after),
    `the focus is seen on ${await element.evaluate((node) => node.outerHTML.slice(0, 80))}`,
  )
}
