import type { Admin, Kafka } from 'kafkajs'

/**
 * An admin client that is replaced after a failure: kafkajs asks for every topic that it ever met, and fails for good once
 * one of them was deleted.
 */
export class KeptAdmin {
  readonly #kafka: Kafka
  #admin: Promise<Admin> | undefined

  constructor(kafka: Kafka) {
    this.#kafka = kafka
  }

  async ask<Answer>(question: (admin: Admin) => Promise<Answer>): Promise<Answer> {
    this.#admin ??= this.#open()
    const asked = this.#admin
    try {
      return await question(await asked)
    } catch (error) {
      if (this.#admin === asked) this.close()
      throw error
    }
  }

  /** Returns at once; what is under way may fail. */
  close(): void {
    const admin = this.#admin
    this.#admin = undefined
    admin?.then((opened) => opened.disconnect()).catch(() => {})
  }

  async #open(): Promise<Admin> {
    const admin = this.#kafka.admin({ retry: { retries: 2 } })
    await admin.connect()
    return admin
  }
}
