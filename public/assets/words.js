// The page's languages. Only the one needed is loaded.

export const LANGUAGES = ['en', 'fr', 'de', 'es']

/** @type {Pay.Words} */
let words
export let language = ''
/** What dates and amounts are written by: the payer's own region where it speaks the page's language. */
export let locale = 'en'

/** The first wish (`fr`, `fr-CH`, `fr_FR`) that the page can speak. @param {Array<string | null>} wishes */
export const choose = (wishes) =>
  wishes.map((wish) => wish?.slice(0, 2).toLowerCase() ?? '').find((wish) => LANGUAGES.includes(wish)) ?? 'en'

/** @param {Array<string | null>} wishes the browser's come last */
export async function speak(...wishes) {
  const wanted = choose([...wishes, ...navigator.languages])
  if (wanted === language) return
  const loaded = await import(`./words-${wanted}.js`).catch(() => null)
  // A page that can speak already goes on as it is.
  if (!loaded && words) return
  words = loaded?.default ?? (await import('./words-en.js')).default
  language = document.documentElement.lang = loaded ? wanted : 'en'
  locale = navigator.languages.find((tag) => tag.startsWith(`${wanted}-`)) ?? wanted
}

/** @type {Pay.Translate} */
export const t = (word, values) => words[word].replace(/\{(\w+)\}/g, (all, name) => values?.[name] ?? all)
