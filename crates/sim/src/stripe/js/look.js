// Colours and sizes. Rules stand in a constructed sheet, and what `appearance` says in custom properties set by
// script: both pass a policy without inline styles.

/** @typedef {import('@stripe/stripe-js').Appearance} Appearance */

/** @type {{[theme: string]: {[variable: string]: string}}} */
const THEMES = {
  stripe: { colorBackground: '#ffffff', colorText: '#1f2430', colorPrimary: '#0b5bd3', colorDanger: '#b00020' },
  night: { colorBackground: '#23262f', colorText: '#f2f3f5', colorPrimary: '#8ab4ff', colorDanger: '#ff9aa8' },
}
const SHARED = { fontFamily: 'system-ui, sans-serif', fontSizeBase: '16px', borderRadius: '6px', spacingUnit: '4px' }

/** Whether light text belongs on a colour, by its luma. @param {string | undefined} colour Any that CSS knows. */
function isDark(colour) {
  const pen = document.createElement('canvas').getContext('2d')
  if (!pen || !colour) return false
  pen.fillStyle = colour
  const pairs = String(pen.fillStyle).match(/[\da-f]{2}/g) ?? []
  const [red = 0, green = 0, blue = 0] = pairs.map((pair) => parseInt(pair, 16))
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128
}

/** Writes what an appearance says where the rules below read it. @param {HTMLElement} root @param {Appearance} [asked] */
function dress(root, asked = {}) {
  const dark = asked.theme === 'night' || isDark(asked.variables?.colorBackground)
  const variables = { ...(dark ? THEMES.night : THEMES.stripe), ...SHARED, ...asked.variables }
  root.style.colorScheme = dark ? 'dark' : 'light'
  for (const name of ['colorBackground', 'colorText', 'colorPrimary', 'colorDanger', ...Object.keys(SHARED)]) {
    root.style.setProperty(`--${name}`, String(variables[/** @type {keyof typeof variables} */ (name)]))
  }
}

const RULES = `
:host { all: initial; display: block; }
* { box-sizing: border-box; }
.root, dialog { font: 400 var(--fontSizeBase)/1.4 var(--fontFamily); color: var(--colorText); }
.root { display: grid; gap: calc(var(--spacingUnit) * 3); background: var(--colorBackground); }
[hidden] { display: none !important; }
.mark { border: 1px dashed currentColor; border-radius: var(--borderRadius); padding: 6px 10px; font-size: 0.8125em; }
.mark p { margin: 0; font-weight: 600; }
.mark summary { cursor: pointer; width: fit-content; text-decoration: underline; text-underline-offset: 2px; }
.mark ul { list-style: none; margin: 4px 0 0; padding: 0; }
.mark code { font-family: ui-monospace, monospace; white-space: nowrap; }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; }
legend { padding: 0; margin-bottom: 4px; font-weight: 600; }
.choice { display: flex; gap: 10px; align-items: center; padding: 10px 12px; cursor: pointer; min-height: 44px;
  border: 1px solid color-mix(in srgb, var(--colorText) 45%, var(--colorBackground)); }
.choice:first-of-type { border-radius: var(--borderRadius) var(--borderRadius) 0 0; }
.choice:last-of-type { border-radius: 0 0 var(--borderRadius) var(--borderRadius); }
.choice + .choice { border-top: 0; }
.choice:has(input:checked) { font-weight: 600; }
input[type=radio], input[type=checkbox] { width: 18px; height: 18px; margin: 0; accent-color: var(--colorPrimary);
  flex: none; }
.panel { display: grid; grid-template-columns: 1fr 1fr; gap: calc(var(--spacingUnit) * 3); align-items: start; }
.panel .wide { grid-column: 1 / -1; }
.panel p { margin: 0; font-size: 0.875em; }
.field { display: grid; gap: 4px; min-width: 0; }
.field label { font-size: 0.875em; }
.box { position: relative; display: grid; }
.box input, .box select { font: inherit; color: inherit; width: 100%; min-height: 44px; padding: 8px 12px;
  background: var(--colorBackground); border-radius: var(--borderRadius);
  border: 1px solid color-mix(in srgb, var(--colorText) 55%, var(--colorBackground)); }
.box input::placeholder { color: var(--colorText); opacity: 0.65; }
.box .brand { position: absolute; right: 12px; top: 50%; translate: 0 -50%; font-size: 0.8125em; pointer-events: none;
  background: var(--colorBackground); padding-left: 6px; }
:is(input, select, button, summary):focus-visible { outline: 2px solid var(--colorPrimary); outline-offset: 1px; }
[aria-invalid=true] { border-color: var(--colorDanger) !important; color: var(--colorDanger) !important; }
.error { margin: 0; font-size: 0.875em; color: var(--colorDanger); }
.error:empty { display: none; }
.save { display: flex; gap: 10px; align-items: center; min-height: 28px; }
[aria-busy=true] .panel, [aria-busy=true] fieldset { opacity: 0.75; }
@media (max-width: 330px) { .panel { grid-template-columns: 1fr; } }

dialog { border: 0; border-radius: 10px; padding: 20px; width: min(420px, calc(100vw - 32px));
  background: var(--colorBackground); box-shadow: 0 10px 40px rgb(0 0 0 / 40%); }
dialog::backdrop { background: rgb(0 0 0 / 55%); }
dialog header { display: flex; justify-content: space-between; align-items: start; gap: 12px; }
dialog h2 { font-size: 1.125em; line-height: 1.3; margin: 0; }
dialog .amount { font-size: 1.5em; font-weight: 600; margin: 8px 0; }
dialog p { margin: 8px 0; }
dialog .actions { display: grid; gap: 8px; margin-top: 16px; }
button { font: inherit; min-height: 44px; padding: 8px 14px; border-radius: 6px; cursor: pointer; color: inherit;
  background: var(--colorBackground); border: 1px solid color-mix(in srgb, var(--colorText) 55%, var(--colorBackground)); }
button.first { background: var(--colorText); color: var(--colorBackground); border-color: var(--colorText);
  font-weight: 600; }
header button { min-height: 36px; padding: 4px 12px; }
`

/** A shadow root with the rules. @param {HTMLElement} host */
function shadowOf(host) {
  const shadow = host.shadowRoot ?? host.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(RULES)
  shadow.adoptedStyleSheets = [sheet]
  return shadow
}
