/** What every leg computes: filter, map and sum over twenty items, from JSON to JSON. */
export const EXPRESSION = `({
  count: input.items.length,
  total: input.items.filter(({ quantity }) => quantity > 0).map(({ quantity, price }) => quantity * price).reduce((a, b) => a + b, 0),
})`

/** The same as a function of ours. */
export const SOURCE = `export default (input) => ${EXPRESSION}`

/** JSON text of the input. */
export const INPUT = JSON.stringify({
  items: Array.from({ length: 20 }, (_, index) => ({ name: `item ${index}`, quantity: index % 5, price: index * 2 })),
})

const input: unknown = JSON.parse(INPUT)

/** JSON text of what every leg has to answer. */
export const OUTPUT = JSON.stringify(new Function('input', `return ${EXPRESSION}`)(input))
