/** `npm run bench [NAME…]`: ratios against a bare limit or a peer in the same run. A report, not a test. */
import { amazon } from './amazon.ts'
import { distributed } from './distributed.ts'
import { formats } from './formats.ts'
import { foundation } from './foundation.ts'
import { hardware } from './hardware.ts'
import { microsoft } from './microsoft.ts'
import { redirect } from './redirect.ts'
import type { Report } from './row.ts'
import { upload } from './upload.ts'

const benches: { readonly [name: string]: () => Promise<Report> } = {
  foundation,
  redirect,
  formats,
  microsoft,
  upload,
  distributed,
  amazon,
  hardware,
}

const wanted = process.argv.slice(2)
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const { rows } = await bench()
  console.log(`\n${name}`)
  for (const { what, value, bar } of rows) console.log(`  ${value.padStart(10)}  ${bar.padEnd(18)}  ${what}`)
}
