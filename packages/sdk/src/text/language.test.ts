import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { detectLanguage } from './language.ts'

const ENGLISH = 'Please tell me how the weather will be tomorrow in the mountains above the lake.'
const GERMAN = 'Bitte sag mir, wie das Wetter morgen in den Bergen über dem See wird, ich will wandern gehen.'

describe('detectLanguage', () => {
  test.each([
    ['en', ENGLISH],
    ['de', GERMAN],
    ['es', '¿Puedes decirme qué tiempo hará mañana en las montañas que están sobre el lago?'],
    ['fr', 'Peux-tu me dire quel temps il fera demain dans les montagnes au-dessus du lac ?'],
    ['ru', 'Скажи, пожалуйста, какая завтра будет погода в горах над озером?'],
    ['ja', '明日の山の天気を教えてください。'],
    ['zh', '请告诉我明天山里的天气怎么样。'],
    ['ko', '내일 호수 위 산의 날씨가 어떨지 알려주세요.'],
    ['ar', 'من فضلك أخبرني كيف سيكون الطقس غدا في الجبال فوق البحيرة'],
  ])('tells %s', async (language, text) => {
    expect(await detectLanguage(text)).toBe(language)
  })

  test.each([
    ['an empty text', ''],
    ['short English', 'flip the coin ai'],
    ['a sum', 'Calculate 3 + 4 - 1.'],
    ['numbers', '12 345 678 90 1234 5678 90 12 34 56 78 90'],
    ['a key', 'sk_live_4eC39HqLyjWDarjtT1zdp7dc4eC39HqLyjWDarj'.slice(0, 20)],
    ['emoji', '😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀'],
  ])('does not tell the language of %s', async (_, text) => {
    expect(await detectLanguage(text)).toBeUndefined()
  })

  test.each([
    ['short requests', 'Construct a regular pentagon'],
    ['more short requests', 'Describe a tropical desert biome'],
    ['code', 'const total = items.map((item) => item.price * item.quantity).reduce((a, b) => a + b, 0)'],
    [
      'a table definition',
      'CREATE TABLE customer (id INTEGER PRIMARY KEY, name VARCHAR(20), created TIMESTAMP)',
    ],
  ])('does not take %s for another language than English', async (_, text) => {
    expect([undefined, 'en']).toContain(await detectLanguage(text))
  })

  test('tells neither language of a text that begins in one and ends in another', async () => {
    expect(await detectLanguage(ENGLISH.repeat(30) + GERMAN.repeat(30))).toBeUndefined()
  })

  test('reads the start, the middle and the end of a long text, and no more', async () => {
    const filler = ENGLISH.repeat(1_000)
    const isSeenAt = async (at: number): Promise<boolean> => {
      const text = filler.slice(0, at) + GERMAN.repeat(12).slice(0, 1_000) + filler.slice(at + 1_000)
      return (await detectLanguage(text)) !== 'en'
    }

    expect(await isSeenAt(0)).toBe(true)
    expect(await isSeenAt((filler.length - 1_000) >> 1)).toBe(true)
    expect(await isSeenAt(filler.length - 1_000)).toBe(true)
    expect(await isSeenAt(10_000)).toBe(false)
  })

  test('gives a code of two letters or nothing for every text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (text) => {
        expect((await detectLanguage(text)) ?? 'xx').toMatch(/^[a-z]{2}$/)
      }),
    )
  })
})
