// What an application does with the official JavaScript client, unmodified:
// node driving.cjs URL CA USER PASSWORD, with the client on NODE_PATH.
const assert = require('node:assert/strict')
const fs = require('node:fs')
const { Client, errors } = require('@elastic/elasticsearch')

const [url, trust, username, password] = process.argv.slice(2)
const index = 'shop-js'
const count = 250
const oneShard = { number_of_shards: 1, number_of_replicas: 0 }
const client = new Client({
  node: url,
  auth: { username, password },
  tls: { ca: fs.readFileSync(trust), rejectUnauthorized: true },
  maxRetries: 0,
  requestTimeout: 60000,
})

async function create() {
  assert.equal(await client.ping(), true)
  await client.indices.create({
    index,
    settings: oneShard,
    mappings: {
      properties: { name: { type: 'text' }, kind: { type: 'keyword' }, price: { type: 'double' } },
    },
  })
  assert.equal(await client.indices.exists({ index }), true)
}

async function documents() {
  const made = await client.index({ index, id: 'a', document: { name: 'Green lamp', price: 10.5 } })
  assert.equal(made.result, 'created')
  await client.update({ index, id: 'a', doc: { price: 11 } })
  assert.equal((await client.get({ index, id: 'a' }))._source.price, 11)
  await assert.rejects(client.create({ index, id: 'a', document: {} }), (e) => e.statusCode === 409)
  await client.delete({ index, id: 'a', refresh: 'wait_for' })
  await assert.rejects(client.get({ index, id: 'a' }), errors.ResponseError)
}

async function bulk() {
  const kinds = ['lamp', 'chair', 'table']
  const datasource = Array.from({ length: count }, (_, number) => ({
    id: String(number),
    name: `Item number ${number}`,
    kind: kinds[number % 3],
    price: number / 4,
  }))
  const done = await client.helpers.bulk({
    datasource,
    onDocument: (document) => ({ index: { _index: index, _id: document.id } }),
    refreshOnCompletion: index,
  })
  assert.deepEqual([done.total, done.successful, done.failed], [count, count, 0])
}

async function search() {
  assert.equal((await client.count({ index })).count, count)
  const answer = await client.search({
    index,
    query: { bool: { must: { match: { name: 'item' } }, filter: { term: { kind: 'lamp' } } } },
    sort: [{ price: 'desc' }],
    size: 3,
    aggs: { kinds: { terms: { field: 'kind' }, aggs: { mean: { avg: { field: 'price' } } } } },
  })
  assert.deepEqual(answer.hits.hits.map((hit) => hit._id), ['249', '246', '243'])
  assert.equal(answer.aggregations.kinds.buckets[0].doc_count, 84)
  const several = await client.msearch({ searches: [{ index }, { size: 0 }, { index }, { size: 1 }] })
  assert.deepEqual(several.responses.map((one) => one.status), [200, 200])
  await assert.rejects(client.search({ index, query: { nonsense: {} } }), (e) => e.statusCode === 400)
}

async function scroll() {
  const seen = new Set()
  const pages = client.helpers.scrollSearch({ index, size: 60, query: { match_all: {} } })
  for await (const page of pages) for (const hit of page.body.hits.hits) seen.add(hit._id)
  assert.equal(seen.size, count)
}

async function pointInTime() {
  const { id } = await client.openPointInTime({ index, keep_alive: '1m' })
  await client.delete({ index, id: '0', refresh: true })
  const first = await client.search({ pit: { id, keep_alive: '1m' }, sort: [{ price: 'asc' }], size: 100 })
  const after = first.hits.hits.at(-1).sort
  const next = await client.search({ pit: { id }, sort: [{ price: 'asc' }], size: 1, search_after: after })
  assert.deepEqual([first.hits.hits[0]._id, next.hits.hits[0]._id], ['0', '100'])
  assert.equal((await client.closePointInTime({ id })).succeeded, true)
}

async function aliasesAndTemplates() {
  await client.indices.putAlias({ index, name: 'lamps-js', filter: { term: { kind: 'lamp' } } })
  assert.equal((await client.count({ index: 'lamps-js' })).count, 83)
  await client.indices.putIndexTemplate({
    name: 'notes-js',
    index_patterns: ['notes-js-*'],
    template: { settings: oneShard, mappings: { properties: { at: { type: 'date' } } } },
  })
  await client.index({ index: 'notes-js-1', document: { at: '2026-05-05' }, refresh: true })
  const mapping = await client.indices.getMapping({ index: 'notes-js-1' })
  assert.deepEqual(mapping['notes-js-1'].mappings.properties.at, { type: 'date' })
  await client.indices.deleteIndexTemplate({ name: 'notes-js' })
}

async function end() {
  await client.indices.delete({ index: [index, 'notes-js-1'] })
  assert.equal(await client.indices.exists({ index }), false)
}

async function main() {
  const steps = [create, documents, bulk, search, scroll, pointInTime, aliasesAndTemplates, end]
  for (const step of steps) await step()
  await client.close()
  console.log(steps.map((step) => step.name).join(', '))
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
