import CaffeProto
import Testing

/// The exact words that a mistake in a prototxt gets.
struct PrototxtErrorTests {
    /// The error's text for a net, or nil when it was read.
    private func complaint(_ text: String) -> String? {
        do {
            _ = try Prototxt.read(NetParameter.self, text: text, name: "net.prototxt")
            return nil
        } catch { return error.description }
    }

    /// The first mistake as "line:column: expected …" for a text in which a layer is made of `fields`.
    private func shortly(_ fields: String, file: Bool = false) -> String? {
        do {
            _ = try Prototxt.read(NetParameter.self, text: file ? fields : "layer {\n\(fields)\n}", name: "n")
            return nil
        } catch {
            let first = error.mistakes[0]
            return "\(first.place.line):\(first.place.column): expected \(first.expected), found \(first.found)"
                + (first.hint.map { "; " + $0 } ?? "")
        }
    }

    @Test func pointsAtAnUnknownField() {
        #expect(
            complaint("layer {\n  convolution_param {\n\tkernal_size: 3  # as in AlexNet\n  }\n}") == """
                net.prototxt:3:2: unknown field in convolution_param
                \tkernal_size: 3  # as in AlexNet
                \t^~~~~~~~~~~
                expected a field of convolution_param, found "kernal_size"; did you mean kernel_size?
                """)
    }

    @Test func showsEveryMistakeOfAFile() {
        #expect(
            complaint("layer { nam: \"a\" }\nlayer { type: ReLU }\nlayer { relu_param { engine: CUDN } }") == """
                net.prototxt:1:9: unknown field in layer
                layer { nam: "a" }
                        ^~~
                expected a field of layer, found "nam"; did you mean name?
                net.prototxt:2:15: wrong value for type
                layer { type: ReLU }
                              ^~~~
                expected a text in quotes, found "ReLU"; write type: "ReLU"
                net.prototxt:3:30: wrong value for engine
                layer { relu_param { engine: CUDN } }
                                             ^~~~
                expected one of DEFAULT, CAFFE, CUDNN, DNNL, found "CUDN"; did you mean CUDNN?
                """)
    }

    @Test func stopsAtTenMistakes() throws {
        let error = #expect(throws: PrototxtError.self) {
            try Prototxt.read(
                NetParameter.self, text: String(repeating: "layer { bad: 1 }\n", count: 500), name: "net.prototxt")
        }
        #expect(error?.mistakes.map(\.place.line) == Array(1...10))
    }

    @Test func findsThePlaceOfAMissingBrace() {
        #expect(
            complaint("layer {\n  name: \"a\"\n  pooling_param {\n    pool: MAX\n}\nlayer {\n  name: \"b\"\n}\n") == """
                net.prototxt:6:1: unknown field in layer
                layer {
                ^~~~~
                expected a field of layer, found "layer"; layer belongs to the net: a closing brace may be missing before it
                """)
        #expect(
            complaint("layer {\n  name: \"a\"\n  pooling_param {\n    pool: MAX\n") == """
                net.prototxt:3:17: the block of pooling_param that opens here has no end
                  pooling_param {
                                ^
                expected "}", found the end of the file
                """)
    }

    @Test(arguments: [
        (#"top: "a"#, #"2:6: expected a closing " on the same line, found the end of the line"#),
        (#"top: 'a""#, "2:6: expected a closing ' on the same line, found the end of the line"),
        (
            #"top: "C:\data""#,
            #"2:9: expected one of \n \t \r \\ \" \' \ooo \xhh \uhhhh, found \d; a plain backslash is written \\"#
        ),
        (#"top "a""#, #"2:5: expected ":" or "{" after top, found the text "a""#),
        ("top:", #"3:1: expected a value for top, found "}""#),
        (#"top: ["a" 3]"#, #"2:11: expected "," or "]", found "3""#),
        ("}", #"3:1: expected a field or the end of the file, found "}""#),
        (">", #"2:1: expected "}", found ">""#),
        ("3: 4", #"2:1: expected a field name or a closing brace, found "3""#),
        (
            "[caffe.more]: 4",
            #"2:1: expected a field name or a closing brace, found "["; extensions are not part of Caffe's files"#
        ),
        (
            "image_data_param { source: data/a.txt }",
            #"2:32: expected a field name or a closing brace, found "/"; a text is written in quotes: source: "…""#
        ),
        (
            "image_data_param { source: /data/a.txt }",
            #"2:28: expected a value for source, found "/"; a text is written in quotes: source: "…""#
        ),
        ("name: “a”", #"2:7: expected a field name, a value or a brace, found "“"; the plain form is ""#),
        ("name： \"a\"", #"2:5: expected a field name, a value or a brace, found "："; the plain form is :"#),
        ("name: @", #"2:7: expected a field name, a value or a brace, found "@""#),
    ])
    func explainsBrokenGrammar(fields: String, expected: String) {
        #expect(shortly(fields) == expected)
    }

    @Test(arguments: [
        ("pooling_param { pool: MXA }", #"2:23: expected one of MAX, AVE, STOCHASTIC, found "MXA"; did you mean MAX?"#),
        ("pooling_param { pool: 7 }", #"2:23: expected one of MAX, AVE, STOCHASTIC, found "7""#),
        (
            #"pooling_param { pool: "max" }"#,
            #"2:23: expected one of MAX, AVE, STOCHASTIC, found the text "max"; write pool: MAX"#
        ),
        ("pooling_param { kernel_size: -3 }", #"2:30: expected a whole number from 0 to 4294967295, found "-3""#),
        ("pooling_param { kernel_size: 3x3 }", #"2:30: expected a whole number from 0 to 4294967295, found "3x3""#),
        ("lrn_param { local_size: 5.5 }", #"2:25: expected a whole number from 0 to 4294967295, found "5.5""#),
        (
            "accuracy_param { axis: 2147483648 }",
            #"2:24: expected a whole number from -2147483648 to 2147483647, found "2147483648""#
        ),
        (
            #"lrn_param { alpha: "0.1" }"#,
            #"2:20: expected a number, found the text "0.1"; write the value without quotes"#
        ),
        ("lrn_param { alpha: 1e39 }", #"2:20: expected a number, found "1e39"; the greatest is 3.4028235e+38"#),
        ("lrn_param { alpha: { } }", #"2:20: expected a number, found a block"#),
        ("lrn_param { alpha: [1] }", #"2:13: expected a number, found a list"#),
        ("image_data_param { shuffle: yes }", #"2:29: expected true or false, found "yes""#),
        ("image_data_param { shuffle: ture }", #"2:29: expected true or false, found "ture"; did you mean true?"#),
        ("relu_param: 0.1", #"2:13: expected a block relu_param { … }, found "0.1""#),
        ("include: TRAIN", #"2:10: expected a block include { … }, found "TRAIN"; write include { phase: TRAIN }"#),
        (
            #"name: "\xff""#,
            "2:7: expected a text in quotes, found the text \"\u{fffd}\"; the text is not UTF-8: save the file in that encoding"
        ),
        ("type: CONVOLUTON", #"2:7: expected a text in quotes, found "CONVOLUTON"; write type: "CONVOLUTON""#),
        ("name: \"a\" top: \"b\"\nname: \"c\"", "3:1: expected one name, found a second one; the first is in line 2"),
        ("clip_param { max: 1 }", "2:12: expected min in clip_param, found none"),
    ])
    func explainsWrongValues(fields: String, expected: String) {
        #expect(shortly(fields) == expected)
    }

    @Test(arguments: [
        (
            "layer { kernel_size: 3 }",
            #"1:9: expected a field of layer, found "kernel_size"; kernel_size belongs inside convolution_param { } or pooling_param { }"#
        ),
        (
            "layer { pooling_param { } kernel_size: 3 }",
            #"1:27: expected a field of layer, found "kernel_size"; kernel_size belongs inside pooling_param { }"#
        ),
        (
            "layer { blobs_lr: 1 }",
            #"1:9: expected a field of layer, found "blobs_lr"; blobs_lr belongs to the old layers { }; in layer { } write param { lr_mult: … }"#
        ),
        (
            "layers { prelu_param { } }",
            #"1:10: expected a field of layers, found "prelu_param"; prelu_param belongs to the newer layer { }"#
        ),
        (
            #"layers { type: "SoftmaxWithLoss" }"#,
            #"1:16: expected one of 40 known names, found the text "SoftmaxWithLoss"; write type: SOFTMAX_LOSS"#
        ),
        (
            "base_lr: 1\ngamma: 3",
            #"1:1: expected a field of the net, found "base_lr"; base_lr belongs to a solver's file"#
        ),
        ("Layer { }", #"1:1: expected a field of the net, found "Layer"; did you mean layer?"#),
        ("quux: 1", #"1:1: expected a field of the net, found "quux""#),
    ])
    func tellsWhereAFieldBelongs(text: String, expected: String) {
        #expect(shortly(text, file: true) == expected)
    }

    @Test func boundsTheDepth() {
        let deep = String(repeating: "layer {", count: 100_000)
        #expect(shortly(deep, file: true) == "1:357: expected at most 50 of them, found one more")
    }

    @Test func shortensLongLinesAndKeepsCaretsInPlace() throws {
        let blank = String(repeating: " ", count: 200)
        let error = #expect(throws: PrototxtError.self) {
            try Prototxt.read(NetParameter.self, text: "\(blank)bad: 3 #\(blank)", name: "n")
        }
        let place = try #require(error?.mistakes.first?.place)
        #expect(place.column == 201)
        let lines = place.excerpt.split(separator: "\n")
        #expect(lines[0].count <= 102 && lines[0].hasPrefix("…") && lines[0].hasSuffix("…"))
        #expect(lines[0].dropFirst(lines[1].count - 3).hasPrefix("bad"))
    }

    @Test func padsUnderWideCharactersAndHidesControlCharacters() {
        #expect(
            complaint("layer { name: \"印刷\u{1b}\" top: 3 }") == """
                net.prototxt:1:26: wrong value for top
                layer { name: "印刷·" top: 3 }
                               \u{3000}\u{3000}        ^
                expected a text in quotes, found "3"; write top: "3"
                """)
    }
}
