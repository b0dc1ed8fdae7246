//! What a server of WebSockets may send: frames that are right, and all else.

use arbitrary::Arbitrary;

#[derive(Arbitrary, Debug)]
pub enum Piece {
    /// Final, opcode, payload.
    Frame(bool, u8, Vec<u8>),
    /// A head that announces what is not there.
    Head(u8, u8, u64),
    Bytes(Vec<u8>),
}

impl Piece {
    /// RFC 6455 section 5.2, as a server sends it: without a mask.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Frame(last, opcode, payload) => {
                out.push(u8::from(*last) << 7 | opcode & 15);
                match payload.len() {
                    len @ 0..126 => out.push(len as u8),
                    len => {
                        out.push(126);
                        out.extend_from_slice(&(len as u16).to_be_bytes());
                    }
                }
                out.extend_from_slice(payload);
            }
            Self::Head(first, second, len) => {
                out.extend_from_slice(&[*first, *second]);
                out.extend_from_slice(&len.to_be_bytes());
            }
            Self::Bytes(bytes) => out.extend_from_slice(bytes),
        }
    }
}

/// All of it as the server sends it.
pub fn bytes(pieces: &[Piece]) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in pieces {
        piece.write(&mut out);
    }
    out
}
