/** Why a transfer was refused, as a sentence for a person. */
export class TransferError extends Error {
  override readonly name = 'TransferError';
}
