import { expect, test } from 'vitest'
import { Roster } from '../../../src/core/churn/roster.ts'

test('knows its members in the order in which they came', () => {
  const roster = new Roster<string>()
  const seats = ['a', 'b', 'c', 'd'].map((member) => roster.add(member))

  seats[1]!.leave()
  seats[3]!.leave()
  roster.add('e')

  expect(roster.all()).toEqual(['a', 'c', 'e'])
  expect([roster.size, roster.first, roster.find((member) => member > 'a')]).toEqual([3, 'a', 'c'])
})

test('lets a member leave once', () => {
  const roster = new Roster<string>()
  const seat = roster.add('a')
  roster.add('b')

  seat.leave()
  seat.leave()

  expect([roster.size, roster.first]).toEqual([1, 'b'])
})

test('is empty when all have left, and can be used again', () => {
  const roster = new Roster<string>()
  roster.add('a').leave()

  expect([roster.size, roster.first, roster.all()]).toEqual([0, undefined, []])
  roster.add('b')
  expect(roster.all()).toEqual(['b'])
})
