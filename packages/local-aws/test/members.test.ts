/** No member of a call is ignored in silence: README.md has every member that the local AWS ignores. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NormalizedSchema } from '@smithy/core/schema';
import { models } from '../src/protocol/models';

const sourceFolder = join(__dirname, '..', 'src');
const sources = readdirSync(sourceFolder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !/^(images|processes|command)\//.test(file))
  .map((file) => readFileSync(join(sourceFolder, file), 'utf8'))
  .join('\n');
/** A member counts as used if its name occurs in the code. */
const named = new Set(sources.match(/\w+/g));
const documented = new Set(readFileSync(join(__dirname, '..', 'README.md'), 'utf8').match(/\w+/g));

/** The names of all members within a schema, except those within a member that README.md has itself. */
function membersOf(schema: NormalizedSchema, within: readonly string[] = []): string[] {
  if (schema.isListSchema() || schema.isMapSchema()) return membersOf(schema.getValueSchema(), within);
  const name = schema.getName(true) ?? '';
  if (!schema.isStructSchema() || within.includes(name)) return [];
  return [...schema.structIterator()].flatMap(([member, of]) => [
    member,
    ...(named.has(member) && !documented.has(member) ? membersOf(of, [...within, name]) : []),
  ]);
}

test.each(models.filter(({ wire }) => wire.protocol !== 'cbor'))(
  'every member of $name that is ignored is documented',
  ({ operations }) => {
    const ignored = [...operations]
      .filter(([operation]) => named.has(operation))
      .flatMap(([operation, schema]) =>
        membersOf(NormalizedSchema.of(schema[4]))
          .filter((member) => !named.has(member) && !documented.has(member))
          .map((member) => `${operation}: ${member}`),
      );
    expect(ignored).toEqual([]);
  },
);
