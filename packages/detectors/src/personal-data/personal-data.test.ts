import { describe, expect, test } from '@jest/globals'
import { isParapetError } from '@parapet/sdk'
import fc from 'fast-check'
import { hasLuhnDigit } from './credit-card.ts'
import { type PersonalDataOptions, personalData } from './personal-data.ts'
import { personalDataFinders } from './personal-data-finders.ts'
import { LONGEST_CHARACTERS, PERSONAL_DATA_KINDS, type PersonalDataKind } from './personal-data-kinds.ts'

async function find(text: string, options: PersonalDataOptions = { kinds: PERSONAL_DATA_KINDS }) {
  const { measure } = await personalData(options).load()
  const subject = { stage: 'output', text, conversation: [], language: undefined } as const
  const measured = await measure(subject, { signal: new AbortController().signal })
  if (measured.kind !== 'scored') throw new Error('not scored')
  return { scores: measured.scores, spans: measured.spans ?? [] }
}

async function foundIn(
  text: string,
  kind: PersonalDataKind,
  options?: PersonalDataOptions,
): Promise<string[]> {
  const { spans } = await find(text, options)
  return spans.filter((span) => span.label === kind).map((span) => text.slice(span.start, span.end))
}

const digits = (length: number) =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
    .map((list) => list.join(''))

/** Numbers of an issuer's range, with the check digit that makes them valid. */
const cardNumber = fc
  .constantFrom(
    ['4', 16],
    ['4', 13],
    ['51', 16],
    ['2221', 16],
    ['2720', 16],
    ['34', 15],
    ['37', 15],
    ['6011', 16],
    ['36', 14],
    ['3530', 16],
    ['62', 19] as [string, number],
  )
  .chain(([prefix, length]) =>
    digits(Number(length) - String(prefix).length - 1).map((rest) => `${prefix}${rest}`),
  )
  .map((body) => body + [...'0123456789'].find((digit) => hasLuhnDigit(body + digit)))

const grouped = (number: string, separator: string): string => {
  const sizes = number.length === 15 ? [4, 6, 5] : number.length === 14 ? [4, 6, 4] : [4, 4, 4, 4, 3]
  if (![14, 15, 16, 19].includes(number.length)) return number
  const starts = sizes.map((_, group) => sizes.slice(0, group).reduce((sum, size) => sum + size, 0))
  return sizes
    .map((size, group) => number.slice(starts[group], (starts[group] ?? 0) + size))
    .filter((group) => group !== '')
    .join(separator)
}

const iban = fc
  .constantFrom(['DE', 18], ['GB', 18], ['FR', 23], ['NO', 11], ['MT', 27], ['NL', 14] as [string, number])
  .chain(([country, length]) => digits(Number(length)).map((account) => [String(country), account] as const))
  .map(([country, account]) => {
    const asNumber = [...`${account}${country}00`].map((character) => Number.parseInt(character, 36)).join('')
    return `${country}${String(98n - (BigInt(asNumber) % 97n)).padStart(2, '0')}${account}`
  })

const PLACES = fc.constantFrom(
  ...([
    ['', ''],
    ['It is ', '.'],
    ['value="', '"'],
    ['(', ')'],
    ['番号は', 'です'],
    ['a, ', ', b'],
    ['\n', '\n'],
  ] as const),
)

describe('finds', () => {
  test('every valid card number, in one piece or in groups, wherever it stands', async () => {
    await fc.assert(
      fc.asyncProperty(
        cardNumber,
        fc.constantFrom('', ' ', '-'),
        PLACES,
        async (number, separator, [left, right]) => {
          const written = grouped(number, separator)

          expect(await foundIn(`${left}${written}${right}`, 'credit-card')).toEqual([written])
        },
      ),
    )
  })

  test('every valid IBAN, in one piece or in groups', async () => {
    await fc.assert(
      fc.asyncProperty(iban, fc.constantFrom('', ' '), PLACES, async (number, separator, [left, right]) => {
        const written = (number.match(/.{1,4}/g) ?? []).join(separator)

        expect(await foundIn(`${left}${written}${right}`, 'iban')).toEqual([written])
      }),
    )
  })

  test('every address of a real domain', async () => {
    const local = fc.stringMatching(/^[a-z][a-z0-9]{0,10}([._+-][a-z0-9]{1,8}){0,2}$/)
    const domain = fc.constantFrom(
      'gmail.com',
      'mail.example-shop.de',
      'bbc.co.uk',
      'uni.ac.jp',
      'müller.de',
      'почта.рф',
    )
    await fc.assert(
      fc.asyncProperty(local, domain, PLACES, async (name, host, [left, right]) => {
        fc.pre(name !== 'git')

        expect(await foundIn(`${left}${name}@${host}${right}`, 'email')).toEqual([`${name}@${host}`])
      }),
    )
  })

  test.each<[PersonalDataKind, string, string]>([
    ['us-ssn', 'My SSN is 536-22-1234, ok?', '536-22-1234'],
    ['us-ssn', 'social security number: 536221234', '536221234'],
    ['phone', 'Call (212) 415-5788 now', '(212) 415-5788'],
    ['phone', 'at 302-831-4800.', '302-831-4800'],
    ['phone', '(1-800-273-8255)', '1-800-273-8255'],
    ['phone', 'my phone is 2124155788', '2124155788'],
    ['phone', 'London +44 20 7946 0958 today', '+44 20 7946 0958'],
    ['phone', 'Berlin: +49 30 901820', '+49 30 901820'],
    ['ip-address', 'from 8.8.4.4 to us', '8.8.4.4'],
    ['ip-address', 'host [2606:4700:4700::1111]', '2606:4700:4700::1111'],
    ['es-national-id', 'DNI 54362315K', '54362315K'],
    ['es-national-id', 'NIE X2482300W.', 'X2482300W'],
    ['fr-social-security', 'NIR 2 53 07 2B 073 004 70', '2 53 07 2B 073 004 70'],
    ['gb-national-insurance', 'NI number AB 12 34 56 C', 'AB 12 34 56 C'],
    ['in-aadhaar', 'Aadhaar: 2341 2341 2346', '2341 2341 2346'],
    ['it-fiscal-code', 'codice fiscale RCCMNL83S18D969H', 'RCCMNL83S18D969H'],
    ['mx-curp', 'CURP BOXW310820HNERXN09', 'BOXW310820HNERXN09'],
    ['pl-pesel', 'PESEL 44051401359', '44051401359'],
    ['br-cpf', 'CPF 390.533.447-05', '390.533.447-05'],
    ['de-tax-id', 'Steuer-ID 36 574 261 809', '36 574 261 809'],
  ])('%s in %j', async (kind, text, expected) => {
    expect(await foundIn(text, kind)).toEqual([expected])
  })

  test('national phone numbers of the countries given', async () => {
    const text = 'Ruf 030 901820 oder (212) 415-5788 an'

    expect(await foundIn(text, 'phone', { countries: ['DE'] })).toEqual(['030 901820'])
    expect(await foundIn(text, 'phone', { countries: ['US', 'DE'] })).toEqual([
      '030 901820',
      '(212) 415-5788',
    ])
    expect(await foundIn(`${text} +49 30 901820`, 'phone', { countries: [] })).toEqual(['+49 30 901820'])
  })

  test('a card number behind digits that are none', async () => {
    expect(await foundIn('1234 4242 4242 4242 4242', 'credit-card')).toEqual(['4242 4242 4242 4242'])
  })
})

describe('does not find', () => {
  test('a card number whose check digit is wrong', async () => {
    await fc.assert(
      fc.asyncProperty(cardNumber, fc.integer({ min: 1, max: 9 }), async (number, change) => {
        const wrong = number.slice(0, -1) + ((Number(number.at(-1)) + change) % 10)

        expect(await foundIn(`pay ${wrong} now`, 'credit-card')).toEqual([])
      }),
    )
  })

  test('an IBAN with one digit changed', async () => {
    await fc.assert(
      fc.asyncProperty(iban, fc.nat(), fc.integer({ min: 1, max: 9 }), async (number, place, change) => {
        const at = 4 + (place % (number.length - 4))
        const wrong = number.slice(0, at) + ((Number(number[at]) + change) % 10) + number.slice(at + 1)

        expect(await foundIn(wrong, 'iban')).toEqual([])
      }),
    )
  })

  test.each([
    ['a UUID', '4111aaaa-4111-4111-8111-411111111111'],
    ['a git hash', '4242424242424242424242424242424242424242'],
    ['a decimal', '0.4242424242424242 and 4242424242424242.5'],
    ['an order number', 'order 4242424242424241, tracking 9400110200881234567890'],
    ['a time stamp', '2022-12-28 11:42:26.773706 and 1672227746773'],
    ['sums and ranges', '28980 - 18480 = 10500, 223905 / 3245, 2013 -- 14 2014, 1,234,567.89'],
    ['versions', 'version 1.2.3.4, v8.8.4.4, 1.2.3.4.5'],
    ['private and local addresses', '127.0.0.1 10.1.2.3 192.168.0.1 203.0.113.7 ::1 fe80::1 2001:db8::1'],
    ['a clause of a law', 'DFARS 252.227-7013'],
    ['names of packages and files', 'npm i @types/node@24.1.0 logo@2x.png react@next foo@bar.baz'],
    ['addresses of documentation', 'alice@example.com bob@mail.example.org me@localhost carol@shop.test'],
    ['a repository', 'git@github.com:parapet/parapet.git'],
    [
      'SSNs that are never given out',
      '000-12-3456 666-12-3456 912-34-5678 123-00-4567 123-45-0000 078-05-1120',
    ],
    ['digits in one piece', 'id 2124155788, ref 536221234, no. 44051401359, 234123412346'],
    [
      'fiscal codes and ids with a wrong check letter',
      'RCCMNL83S18D969A 54362315A X2482300A BOXW310820HNERXN01',
    ],
    ['code', 'std::cout << a::b; x = 0xDEADBEEF; std::array<int, 16>'],
  ])('%s', async (_, text) => {
    expect((await find(text)).spans).toEqual([])
  })
})

describe('the options', () => {
  test('labels are the kinds that were asked for', () => {
    const detector = personalData({ kinds: ['credit-card', 'us-ssn'] })

    expect(detector.descriptor.labels).toEqual(['credit-card', 'us-ssn'])
    expect(detector.descriptor.maxSpanCharacters).toBe(23)
  })

  test('a region without phone numbers of its own is refused when the detector is loaded', async () => {
    const { load } = personalData({ countries: ['EU' as 'US'] })

    await expect(load()).rejects.toMatchObject({ code: 'PARAPET_DETECTOR_OPTION_INVALID' })
  })

  test('every kind says how long its longest find is', () => {
    const finders = personalDataFinders(PERSONAL_DATA_KINDS, ['US'])

    for (const kind of PERSONAL_DATA_KINDS) {
      const ofKind = finders.filter((finder) => finder.labels.includes(kind))
      expect(Math.max(...ofKind.map((finder) => finder.maxCharacters))).toBe(LONGEST_CHARACTERS[kind])
    }
  })

  test('all kinds but IP addresses are the default', () => {
    expect(personalData().descriptor.labels).toEqual(
      PERSONAL_DATA_KINDS.filter((kind) => kind !== 'ip-address'),
    )
  })

  test.each([
    [{ kinds: ['credit-cards'] }, 'kinds[0]'],
    [{ kinds: [] }, 'kinds'],
    [{ countries: ['us'] }, 'countries[0]'],
    [{ countries: ['US', 'QQ'] }, 'countries[1]'],
    [{ countries: 'US' }, 'countries'],
    [{ country: 'US' }, 'country'],
  ])('a wrong one is refused: %j', (options, path) => {
    try {
      personalData(options as PersonalDataOptions)
    } catch (error) {
      expect(isParapetError(error) && error.code).toBe('PARAPET_DETECTOR_OPTION_INVALID')
      expect(String(error)).toContain(`option "${path}"`)
      return
    }
    throw new Error('not refused')
  })
})

test('every span is one that its kind alone finds, and no longer than the detector says', async () => {
  const piece = fc.oneof(
    cardNumber,
    iban,
    digits(9),
    fc.constantFrom(
      '@',
      '.com',
      'a',
      ' ',
      '-',
      '+',
      '(',
      ')',
      '.',
      ':',
      '2001:',
      'ssn ',
      'x@y.de',
      '212',
      '415',
      '5788',
    ),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
      const text = pieces.join('')
      const { spans } = await find(text)
      for (const { label, start, end } of spans) {
        const alone = personalData({ kinds: [label as PersonalDataKind] }).descriptor
        expect(end - start).toBeLessThanOrEqual(alone.maxSpanCharacters ?? 0)
        expect(start >= 0 && start < end && end <= text.length).toBe(true)
      }
    }),
  )
})
