// Lints the Python that Odoo runs. Ruff reads each text as set-up assembles it, with safe_eval's names as the only
// builtins; a finding is printed with the file and line that it comes from. The exit status is 1 if there is one.

import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { PositionEncoding, Workspace } from '@astral-sh/ruff-wasm-nodejs'

const FOLDER = 'src/erp/odoo/'
const HEAD = 'procedures/_head.py'

const RULES = 'A ARG B C4 E F FLY FURB ISC N PIE PLC PLE PLR01 PLR17 PLW SIM T20 W'
/** Rules that the texts do not keep, by reason. */
const LEFT_OUT = [
  'B904', // A UserError is the answer; Odoo sends nothing of what it was raised from.
  'B905', // zip() gets a list and what was made from it, element by element.
  'C419', // A list inside all(): safe_eval of Odoo 17 forbids a generator that uses a function's names.
  'PLC0206', // A loop over sorted keys reads the value by its key.
  'SIM102', // Nested ifs,
  'SIM108', // if and else,
  'SIM110', // and loops are used where they are easier to read.
]
/** Single findings: [file, rule, what the message names, reason]. One that Ruff finds no more is an error here. */
const ALLOWED = []

/** `_BUILTINS` of odoo/tools/safe_eval.py, the same in 17, 18 and 19. */
const SAFE_EVAL = `Exception abs all any bool bytes chr dict divmod enumerate filter float int isinstance len list map
  max min ord range reduce repr round set sorted str sum tuple unicode xrange zip`
/** `_get_eval_context` of odoo/addons/base/models/ir_actions.py: what 17, 18 and 19 all give to a server action. */
const ACTION = `Command UserError _logger b64decode b64encode datetime dateutil env float_compare log model record
  records time timezone uid user`
/** `SAFE_EVAL_BASE` of odoo/addons/base/models/ir_model.py, for the code of a computed field. */
const COMPUTED = 'datetime dateutil self time'
/** Python's builtins that safe_eval does not have. They are deleted before each text, so that Ruff reports their use. */
const ABSENT = `ArithmeticError AssertionError AttributeError BaseException BlockingIOError BrokenPipeError BufferError
  BytesWarning ChildProcessError ConnectionAbortedError ConnectionError ConnectionRefusedError ConnectionResetError
  DeprecationWarning EOFError Ellipsis EncodingWarning EnvironmentError FileExistsError FileNotFoundError
  FloatingPointError FutureWarning GeneratorExit IOError ImportError ImportWarning IndentationError IndexError
  InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError ModuleNotFoundError NameError
  NotADirectoryError NotImplemented NotImplementedError OSError OverflowError PendingDeprecationWarning PermissionError
  ProcessLookupError RecursionError ReferenceError ResourceWarning RuntimeError RuntimeWarning StopAsyncIteration
  StopIteration SyntaxError SyntaxWarning SystemError SystemExit TabError TimeoutError TypeError UnboundLocalError
  UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError UnicodeWarning UserWarning ValueError Warning
  ZeroDivisionError aiter anext ascii bin breakpoint bytearray callable classmethod compile complex copyright credits
  delattr dir eval exec exit format frozenset getattr globals hasattr hash help hex id input issubclass iter license
  locals memoryview next object oct open pow print property quit reversed setattr slice staticmethod super type vars`

/** Names that the procedure has to set before it calls a function of the head or of a part that uses them. */
const OF_THE_PROCEDURE = ['OWN_FIELDS', 'book', 'currencies', 'found', 'replay', 'setups', 'start']

const names = (text) => text.split(/\s+/)
const read = (file) => readFileSync(fileURLToPath(new URL(`../../${FOLDER}${file}`, import.meta.url)), 'utf8')

/** The texts that set-up installs: the files of each in their order, and the names that it gets from outside. */
function texts() {
  const table = [...read('procedure.rs').matchAll(/\bprocedure!\(\s*"(\w+)",\s*"\w+"((?:,\s*"[\w.]+")*),?\s*\)/g)]
  const procedures = table.map(([, name, parts]) => {
    const files = [...parts.matchAll(/"([\w.]+)"/g)].map(([, part]) => `procedures/${part}`)
    return { files: [HEAD, ...files, `procedures/${name}.py`], given: `${ACTION} QUITTANCE_HASH` }
  })
  return [
    ...procedures,
    { files: ['ui/link.py', 'ui/open.py'], given: ACTION },
    { files: ['ui/link.py', 'ui/frame.py'], given: `${COMPUTED} page` },
  ]
}

/** Every finding in one assembled text, as { file, row, column, code, message }. */
function findings({ files, given }) {
  const options = {
    builtins: names(`${SAFE_EVAL} ${given}`),
    'target-version': 'py310',
    'line-length': 120,
    lint: { select: names(RULES), ignore: LEFT_OUT },
  }
  const lines = files.flatMap((file) => {
    const text = read(file)
    if (!text.endsWith('\n')) throw new Error(`${file} does not end with a line end`)
    return text
      .slice(0, -1)
      .split('\n')
      .map((line, index) => ({ file, row: index + 1, line }))
  })
  const isShared = ({ file }) => files.length > 1 && file !== files.at(-1)
  const shared = lines.filter(isShared)
  const used = reachable(
    shared,
    lines.filter((line) => !isShared(line)),
  )
  const text = [`del ${names(ABSENT).join(', ')}  # noqa: E501`, ...lines.map(({ line }) => line), ''].join('\n')
  const found = new Workspace(options, PositionEncoding.Utf32).check(text).map(({ code, message, start_location }) => {
    const line = lines[start_location.row - 2]
    if (!line) throw new Error(`the list of absent builtins: ${message}`)
    return { ...line, column: start_location.column, code, message: message.split('. Consider')[0] }
  })
  return found.filter(({ file, row, code, message }) => {
    const later = code === 'F821' && OF_THE_PROCEDURE.some((name) => message.includes(`\`${name}\``))
    return !later || !isShared({ file }) || used.has(functionAt(shared, file, row))
  })
}

/** The name of the function that a line of a shared text stands in. */
const functionAt = (shared, file, row) =>
  shared
    .slice(0, shared.findIndex((line) => line.file === file && line.row === row) + 1)
    .findLast(({ line }) => line.startsWith('def '))
    ?.line.match(/\w+/g)[1]

/** The functions of the shared texts that the rest calls, directly or through others. */
function reachable(shared, rest) {
  const bodies = new Map()
  for (const { file, row, line } of shared) {
    const name = /^(?: |def |$)/.test(line) ? functionAt(shared, file, row) : undefined
    bodies.set(name, `${bodies.get(name) ?? ''}${line.replace(/^def \w+/, '')}\n`)
  }
  const used = new Set()
  const waiting = [bodies.get(undefined) ?? '', rest.map(({ line }) => line).join('\n')]
  const textual = /"""[\s\S]*?"""|#.*|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"/g
  while (waiting.length > 0) {
    for (const word of waiting
      .pop()
      .replace(textual, ' ')
      .match(/(?<![.\w])\w+(?=\()/g) ?? []) {
      if (!bodies.has(word) || used.has(word)) continue
      used.add(word)
      waiting.push(bodies.get(word))
    }
  }
  return used
}

const all = texts()
const reports = new Set()
const allowed = new Set()
for (const text of all) {
  for (const { file, row, column, code, message } of findings(text)) {
    const allowance = ALLOWED.find((one) => one[0] === file && one[1] === code && message.includes(one[2]))
    const within = file === text.files.at(-1) ? '' : ` (in the text of ${text.files.at(-1)})`
    if (allowance) allowed.add(allowance)
    else reports.add(`${FOLDER}${file}:${row}:${column}: ${code} ${message}${within}`)
  }
}
for (const one of ALLOWED.filter((one) => !allowed.has(one))) {
  reports.add(`xtask/lint/python.mjs: the allowance of ${one[1]} in ${one[0]} is not needed any more`)
}
const linted = new Set(all.flatMap(({ files }) => files))
for (const folder of ['procedures', 'ui']) {
  const files = readdirSync(fileURLToPath(new URL(`../../${FOLDER}${folder}`, import.meta.url)))
  for (const file of files.filter((file) => file.endsWith('.py') && !linted.has(`${folder}/${file}`))) {
    reports.add(`${FOLDER}${folder}/${file}: is part of no text that xtask/lint/python.mjs knows`)
  }
}
for (const report of reports) console.log(report)
process.exitCode = reports.size > 0 ? 1 : 0
