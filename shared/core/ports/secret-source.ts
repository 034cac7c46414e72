/** The secret of the deployment: job ids and signatures are derived from it. */
export interface SecretSource {
  /**
   * At least {@link MIN_SECRET_CHARACTERS} characters, the same at every call and in every process of
   * the deployment. Throws `invalid_setting`, without repeating anything, where what is stored is no
   * such secret.
   */
  read(): Promise<string>;
}

/** 32 random hex digits are 128 bits; the secrets that we make have 64. */
export const MIN_SECRET_CHARACTERS = 32;
