/** Letters of traditional Chinese with the simplified ones: `traditional simplified…` separated by `|`. */
declare module 'opencc-js/dict/TSCharacters' {
  const pairs: string;
  export default pairs;
}
