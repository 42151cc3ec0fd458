// The page's languages. Only the one needed is loaded.

/** @import { Words } from './words-en.js' */
/** @typedef {keyof Words} Word */

export const LANGUAGES = ['en', 'fr', 'de', 'es']

/** @type {Words} */
let words
/** What dates and amounts are written by: the payer's own region where it speaks the page's language. */
export let locale = 'en'
export let language = 'en'

/** The first wish that the page can speak. @param {Array<string | null | undefined>} wishes BCP 47 or `fr_FR` */
export const choose = (wishes) =>
  wishes.map((wish) => (wish ?? '').toLowerCase().split(/[-_]/)[0] ?? '').find((wish) => LANGUAGES.includes(wish)) ?? 'en'

/** @param {Array<string | null | undefined>} wishes */
export async function speak(wishes) {
  const wanted = choose(wishes)
  if (!words || wanted !== language) words = (await import(`./words-${wanted}.js`)).default
  language = wanted
  locale = navigator.languages.find((tag) => tag.toLowerCase().startsWith(`${wanted}-`)) ?? wanted
  document.documentElement.lang = wanted
}

/** @param {Word} key @param {Record<string, string>} [values] */
export const t = (key, values = {}) => fill(words[key], values)

/** @param {string} sentence @param {Record<string, string>} values */
export const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all)
