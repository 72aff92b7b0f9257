import { expect, test } from 'vitest'
import { expandTemplate, templateVariables } from '../../../src/module/resource/uri-template.ts'

// The values and most of the expectations are those of RFC 6570, sections 1.2 and 3.2.
const VALUES = { var: 'value', hello: 'Hello World!', half: '50%', empty: '', path: '/foo/bar', x: '1024', y: '768', who: 'fred' }

test.each([
  ['{var}', 'value'],
  ['{hello}', 'Hello%20World%21'],
  ['{half}', '50%25'],
  ['O{empty}X', 'OX'],
  ['O{undef}X', 'OX'],
  ['{x,y}', '1024,768'],
  ['{var:3}', 'val'],
  ['{var:30}', 'value'],
  ['{var*}', 'value'],
  ['{+hello}', 'Hello%20World!'],
  ['{+half}', '50%25'],
  ['{+path}/here', '/foo/bar/here'],
  ['{+path:6}/here', '/foo/b/here'],
  ['{#path,x}/here', '#/foo/bar,1024/here'],
  ['{.who,who}', '.fred.fred'],
  ['{/var,x}/here', '/value/1024/here'],
  ['{/var,empty}', '/value/'],
  ['{;x,y,empty}', ';x=1024;y=768;empty'],
  ['{;hello:5}', ';hello=Hello'],
  ['{?x,y,empty}', '?x=1024&y=768&empty='],
  ['?fixed=yes{&x}', '?fixed=yes&x=1024'],
  ['{?undef}', ''],
  ['file:///{odd name}{', 'file:///{'],
])('%s becomes %s', (template, expected) => {
  expect(expandTemplate(template, VALUES)).toBe(expected)
})

test('escapes that a value holds already stay only where reserved characters do', () => {
  expect(expandTemplate('{v} {+v}', { v: 'a%20b' })).toBe('a%2520b a%20b')
})

test('a value is never taken from what every object has, and half a character harms nobody', () => {
  expect(expandTemplate('{constructor}{__proto__}', {})).toBe('')
  expect(expandTemplate('{v}', { v: '\ud800' })).toBe('%EF%BF%BD')
})

test('names the variables once each, in their order', () => {
  expect(templateVariables('a://{x}/{+path:3}{?y,x*}{}{,}')).toEqual(['x', 'path', 'y'])
})

test('a hostile template is read in no time', () => {
  expect(expandTemplate(`${'{'.repeat(50_000)}${'{a,'.repeat(20_000)}`, { a: 'b' })).toHaveLength(110_000)
})
