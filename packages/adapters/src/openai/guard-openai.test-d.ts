import type { Guard } from '@parapet/sdk'
import type OpenAI from 'openai'
import type { AzureOpenAI } from 'openai'
import { guardOpenAI, parapetHeaders } from './index.ts'

declare const guard: Guard
declare const client: OpenAI
declare const azure: AzureOpenAI

guardOpenAI(client, guard) satisfies OpenAI
guardOpenAI(azure, guard) satisfies AzureOpenAI
guardOpenAI(client, guard).withOptions({ maxRetries: 0 }) satisfies OpenAI
void client.chat.completions.create(
  { model: 'm', messages: [] },
  { headers: parapetHeaders({ tenant: 'a' }) },
)

// @ts-expect-error: faults are always thrown by a client.
guardOpenAI(client, guard, { faults: 'answer' })

// @ts-expect-error: an Azure client is more than the client of openai.
guardOpenAI(client, guard) satisfies AzureOpenAI

// @ts-expect-error: a role is nothing that a call says of itself.
parapetHeaders({ role: 'admin' })
