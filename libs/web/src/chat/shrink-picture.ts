/** A smaller picture is sent as it is. */
const MOST_BYTES = 3_500_000;
/** Models see no more. */
const MOST_PIXELS = 2048;
const QUALITY = 0.88;
const SHRINKABLE = /^image\/(?:png|jpeg|webp)$/;

/** A photo as a phone takes it, small enough to be sent; anything else as it is. */
export async function shrunk(file: File): Promise<Blob> {
  if (file.size <= MOST_BYTES || !SHRINKABLE.test(file.type)) return file;
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, MOST_PIXELS / Math.max(picture.width, picture.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const small = await new Promise<Blob | null>((resolve) => {
      canvas.toBlob(resolve, 'image/jpeg', QUALITY);
    });
    return small && small.size < file.size ? small : file;
  } catch {
    return file; // the server says what is wrong with it
  }
}
