/** Traditional Chinese characters with their simplified ones: `traditional simplified…` separated by `|`. */
declare module 'opencc-js/dict/TSCharacters' {
  const pairs: string;
  export default pairs;
}
