import assert from 'node:assert/strict'
import { test } from 'node:test'
import { virtualClock } from '../../test/helpers/virtual-clock.ts'
import { createSandboxClock } from './clock.ts'

function start() {
  const real = virtualClock(1000)
  const rung: string[] = []
  return { real, rung, clock: createSandboxClock(real), ring: (name: string) => () => void rung.push(name) }
}

test('it runs with the system’s time, and ahead of it once moved on', () => {
  const { real, clock } = start()
  assert.equal(clock.now(), 1000)
  clock.advance(500)
  assert.equal(clock.now(), 1500)
  real.advance(20)
  assert.equal(clock.now(), 1520)
})

test('alarms ring when time comes to them, by itself or moved on', () => {
  const { real, rung, clock, ring } = start()
  clock.wakeAt(1100, ring('one'))
  clock.wakeAt(2000, ring('two'))
  real.advance(99)
  assert.deepEqual(rung, [])
  real.advance(1)
  assert.deepEqual(rung, ['one'])
  clock.advance(899)
  real.advance(0)
  assert.deepEqual(rung, ['one'])
  clock.advance(1)
  real.advance(0)
  assert.deepEqual(rung, ['one', 'two'])
})

test('an alarm set after time was moved on rings in the moved time', () => {
  const { real, rung, clock, ring } = start()
  clock.advance(10_000)
  clock.wakeAt(11_050, ring('late'))
  real.advance(49)
  assert.deepEqual(rung, [])
  real.advance(1)
  assert.deepEqual(rung, ['late'])
})

test('each alarm rings once, and a disposed one never', () => {
  const { real, rung, clock, ring } = start()
  clock.wakeAt(1100, ring('kept'))
  const alarm = clock.wakeAt(1100, ring('disposed'))
  clock.advance(50)
  alarm[Symbol.dispose]()
  clock.advance(1000)
  real.advance(5000)
  clock.advance(5000)
  real.advance(5000)
  assert.deepEqual(rung, ['kept'])
})
