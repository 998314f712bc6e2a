// What an import of a style sheet gives: its class names, as the build made them.

declare module '*.module.css' {
  const classes: { readonly [name: string]: string };
  export default classes;
}

declare module '*.css' {}
