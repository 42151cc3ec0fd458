// What the operator's page takes the API's answers for, against the examples of docs/ADMIN.md.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

import { examples } from './support/contract.mjs'

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** The page's types by the name of the example. */
const TYPES = {
  session: 'Session',
  health: 'Health',
  events: 'Events',
  story: 'Story',
  acted: 'ActionResult',
  assigned: 'AssignResult',
  charts: 'Charts',
}

/** What the compiler says of objects that are said to be answers. */
function judged(answers) {
  const folder = at(`target/quittance/contract-${process.pid}`)
  mkdirSync(folder, { recursive: true })
  try {
    const lines = Object.entries(answers).map(
      ([name, answer]) => `export const ${name}: Admin.${TYPES[name]} = ${JSON.stringify(answer)}`,
    )
    writeFileSync(`${folder}/answers.ts`, lines.join('\n'))
    const compilerOptions = {
      strict: true,
      noEmit: true,
      allowJs: true,
      target: 'es2023',
      module: 'esnext',
      moduleResolution: 'bundler',
      lib: ['es2023', 'dom', 'dom.iterable'],
      types: [],
      skipLibCheck: true,
    }
    writeFileSync(
      `${folder}/tsconfig.json`,
      JSON.stringify({ compilerOptions, files: ['answers.ts', at('public/types.d.ts'), at('public/admin.d.ts')] }),
    )
    const run = spawnSync(process.execPath, [at('node_modules/typescript/bin/tsc'), '-p', folder], { encoding: 'utf8' })
    return run.stdout + run.stderr
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('the examples of the contract are what the page’s types say, no field more and none less', () => {
  assert.equal(judged(examples()), '')
})

test('a field that is renamed, new or gone is noticed', () => {
  const { health, story, charts } = examples()
  const renamed = { ...health, waiting_time: health.lag }
  delete renamed.lag
  assert.match(judged({ health: renamed }), /waiting_time|lag/)
  assert.match(judged({ story: { ...story, hint: '' } }), /hint/)
  const { complete, ...rest } = charts
  assert.match(judged({ charts: rest }), /complete/)
})
