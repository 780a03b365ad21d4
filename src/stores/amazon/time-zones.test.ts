import assert from 'node:assert/strict'
import { test } from 'node:test'
import { releaseMoment } from './availability.ts'
import { momentOf, readZone, zoneIds } from './time-zones.ts'

test('every zone of the flows page is one that dates can be read in, with _ and with /', () => {
  assert.equal(zoneIds.length, 87)
  for (const zoneId of zoneIds) {
    const zone = readZone(zoneId) ?? assert.fail(zoneId)
    assert.equal(readZone(zoneId.replace('_', '/')), zone)
    const moment = momentOf(Date.UTC(2026, 5, 1), zone)
    assert.ok(Math.abs(moment - Date.UTC(2026, 5, 1)) <= 14 * 3_600_000, zoneId)
  }
  for (const zoneId of ['', 'UTC', 'US', 'US_Nowhere', 'us_central', '__proto__']) {
    assert.equal(readZone(zoneId), undefined)
  }
})

const dates: [string, string, string][] = [
  ['2026-07-01T12:00:00', 'US_Eastern', '2026-07-01T16:00:00.000Z'],
  ['2026-01-01T12:00:00.45', 'US_East', '2026-01-01T17:00:00.450Z'],
  ['2026-01-01T12:00:00', 'Asia_Kolkata', '2026-01-01T06:30:00.000Z'],
  ['2026-01-01T00:00:00', 'Pacific_Auckland', '2025-12-31T11:00:00.000Z'],
  ['2026-07-01T00:00:00', 'Canada_Newfoundland', '2026-07-01T02:30:00.000Z'],
  // Clocks show this twice; the first time counts.
  ['2026-10-25T02:30:00', 'Europe_Berlin', '2026-10-25T00:30:00.000Z'],
]
for (const [dateTime, zoneId, moment] of dates) {
  test(`${dateTime} in ${zoneId} is ${moment}`, () => {
    assert.equal(new Date(releaseMoment({ dateTime, zoneId }) ?? 0).toISOString(), moment)
  })
}

test('a time that the clocks skip is a moment all the same, within the hour around it', () => {
  const skipped = releaseMoment({ dateTime: '2026-03-29T02:30:00', zoneId: 'Europe_Berlin' }) ?? 0
  assert.ok(skipped >= Date.parse('2026-03-29T00:30:00Z') && skipped <= Date.parse('2026-03-29T01:30:00Z'))
})
