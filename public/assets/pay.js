// The way in.

import { say } from './dom.js'
import { begin, comeBack, escape, lookAgain } from './flow.js'
import { inFrame, tell } from './frame.js'
import { readLink } from './link.js'
import { speak, t } from './words.js'

const link = readLink()
if (inFrame) document.documentElement.classList.add('framed')
tell({ type: 'quittance:ready' })

await speak([link.lang, ...navigator.languages])
say(t('loading'))

document.addEventListener('keydown', (event) => event.key === 'Escape' && !event.defaultPrevented && escape())
document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && lookAgain())

if (link.secret || !link.token) await comeBack(link)
else await begin(link)
