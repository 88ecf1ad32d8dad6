// Express 4 by its alias; the parts of it that tests use have not changed since.
declare module 'express4' {
  import express = require('express')
  export = express
}
