# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# The command lines of detent-train and detent-compare: exit codes, error lines, results.

set(train "$<TARGET_FILE:detent-train>")
set(compare "$<TARGET_FILE:detent-compare>")
set(inspect "$<TARGET_FILE:detent-inspect>")
set(few --model mlp --data glyphs --max-train 256 --max-validation 64 --max-test 64)
set(tiny ${few} --pretrain-epochs 1 --epochs 1)

# A wrong command line: exit code 2 and one line, which matches `line`.
function(detent_add_usage_test name line)
  detent_add_command_test(${name} COMMAND ${ARGN} EXIT_CODE 2 ERROR_LINE "${line}")
endfunction()

foreach(bits 0 17)
  detent_add_usage_test(train_bits_${bits} "--bits: ${bits} is not allowed" ${train} --bits ${bits})
  detent_add_usage_test(train_activation_bits_${bits} "--activation-bits: ${bits} is not allowed"
    ${train} --activation-bits ${bits})
  detent_add_usage_test(compare_bits_${bits} "--bits: ${bits} is not allowed"
    ${compare} --bits 3,${bits})
endforeach()
detent_add_usage_test(train_bits_word "--bits" ${train} --bits three)
detent_add_usage_test(train_wrpn_1 "--bits: 1 leaves WRPN" ${train} --method wrpn --bits 1)
detent_add_usage_test(train_method "--method: 'drofa' is none of none, dorefa"
  ${train} --method drofa)
detent_add_usage_test(compare_method "--method: 'drofa' is none of none, dorefa"
  ${compare} --methods none,drofa)
detent_add_usage_test(train_target_bits "--target-bits: 9 is not in" ${train}
  --method waveq --target-bits 9)
detent_add_usage_test(train_pull "--pull: 'hard' is none of sensitivity, waveq" ${train}
  --method waveq --pull hard)
detent_add_usage_test(train_gated_bits "--bits: 7 is not allowed with srq.dropbits; use 2 to 6"
  ${train} --method srq+dropbits --bits 7)
detent_add_usage_test(train_learned_float "--forward: lsq needs 'quantized'" ${train}
  --method lsq --forward float)
foreach(program train compare)
  detent_add_usage_test(${program}_ptq_word "--ptq: '4.5' is not of the form BITS"
    ${${program}} --ptq 8,4.5)
  detent_add_usage_test(${program}_ptq_bits "--ptq: 17 is not allowed; use 2 to 16"
    ${${program}} --ptq 4,17/8)
  detent_add_usage_test(${program}_ptq_1 "--ptq: 1 bit leaves zero" ${${program}} --ptq 2,1)
  detent_add_usage_test(${program}_ptq_twice "--ptq: '8/8' is there twice"
    ${${program}} --ptq 8,4,8/8)
  # A list in CMake holds no empty word.
  detent_add_usage_test(${program}_ptq_empty "--ptq: at least one value is needed"
    sh -c "'${${program}}' --ptq ''")
endforeach()
detent_add_usage_test(train_penalty_activations "--activation-bits: gradl1 trains in full precision"
  ${train} --method gradl1 --activation-bits 4)
detent_add_usage_test(train_start_epoch "--start-epoch: 5 is not in .1, 4"
  ${train} --method kure --epochs 4 --start-epoch 5)
detent_add_usage_test(train_activation_strength "--activation-strength: -1 is not in"
  ${train} --method gradl2 --activation-strength -1)
detent_add_usage_test(train_bin_bits "--bits: 9 is not allowed with bin; use 2 to 8"
  ${train} --method bin --bits 9)
detent_add_usage_test(compare_strengths_bare "--strengths: 'kure' is not of the form METHOD=STR"
  ${compare} --methods kure --strengths kure)
detent_add_usage_test(compare_strengths_word "--strengths: 'kure=x' is not of the form METHOD=STR"
  ${compare} --methods kure --strengths kure=x)
detent_add_usage_test(compare_strengths_method "--strengths: 'kure' is not among --methods"
  ${compare} --methods gradl1 --strengths kure=1)
detent_add_usage_test(compare_strengths_range "--strength: -1 is not in"
  ${compare} --methods gradl1 --strengths gradl1=-1)
detent_add_usage_test(train_model "--model: 'vgg' is none of mlp" ${train} --model vgg)
detent_add_usage_test(train_option "--no-such-option" ${train} --no-such-option)
detent_add_usage_test(train_twice "--bits" ${train} --bits 3 --bits 4)
detent_add_usage_test(train_max_train "--max-train: '-1' is not a whole number from 0"
  ${train} --max-train -1)
detent_add_usage_test(train_seed "--seed: '18446744073709551616' is not a whole number from 0"
  ${train} --seed 18446744073709551616)
detent_add_usage_test(compare_seeds "--seeds: '-2' is not a whole number from 0"
  ${compare} --seeds 1,-2)
foreach(list "seeds;1" "bits;3" "methods;none" "activation-bits;4" "lr-schedules;cosine"
    "forwards;float" "strengths;none=1")
  list(GET list 0 name)
  list(GET list 1 value)
  # A list in CMake holds no empty word.
  detent_add_usage_test(compare_${name}_empty "--${name}: at least one value is needed"
    sh -c "'${compare}' --${name} ''")
  detent_add_usage_test(compare_${name}_twice "--${name}: '${value}' is there twice"
    ${compare} --${name} ${value},${value})
endforeach()
# Numbers are decimal, in every option and list.
detent_add_usage_test(compare_octal "--bits: '010' is not a whole number from .* without leading zeros"
  ${compare} --bits 3,010)
detent_add_usage_test(compare_bits_gap "--bits: '3,,2' has an empty value" ${compare} --bits 3,,2)
detent_add_usage_test(compare_methods_end "--methods: 'none,' has an empty value"
  ${compare} --methods none,)
detent_add_usage_test(compare_seeds_octal "--seeds: '01' is not a whole number" ${compare} --seeds 01)
detent_add_usage_test(compare_strengths_hexadecimal "--strengths: 'kure=0x1' is not of the form"
  ${compare} --methods kure --strengths kure=0x1)
foreach(word octal:010 hexadecimal:0x8 plus:+5 exponent:1e1 fraction:3.0 garbage:8x space:5\  nothing:
    large:99999999999)
  string(REGEX REPLACE ":.*" "" name "${word}")
  string(REGEX REPLACE "^[^:]*:" "" word "${word}")
  string(REPLACE "+" "." pattern "${word}")
  foreach(option bits activation-bits epochs batch threads)
    detent_add_usage_test(train_${option}_${name} "--${option}: '${pattern}' is not a whole number"
      sh -c "'${train}' --${option} '${word}'")
  endforeach()
endforeach()
foreach(word octal:010 hexadecimal:0x1p3 infinity:inf not_a_number:nan plus:+1 garbage:1x large:1e999
    small:1e-999 nothing: space:\ 1)
  string(REGEX REPLACE ":.*" "" name "${word}")
  string(REGEX REPLACE "^[^:]*:" "" word "${word}")
  string(REPLACE "+" "." pattern "${word}")
  foreach(option lr strength ramp target-bits)
    detent_add_usage_test(train_${option}_${name} "--${option}: '${pattern}' is not a finite number"
      sh -c "'${train}' --${option} '${word}'")
  endforeach()
endforeach()
detent_add_usage_test(train_checkpoint_every_octal "--checkpoint-every: '010' is not a whole number"
  ${train} --checkpoint-every 010)
foreach(option seed max-test threads)
  detent_add_usage_test(inspect_${option}_octal "--${option}: '010' is not a whole number"
    ${inspect} net.safetensors --${option} 010)
endforeach()
# No output overwrites another one or the data.
detent_add_usage_test(compare_same_output "--report: './a' is the file that --json writes .'a'."
  ${compare} --json a --report ./a)
detent_add_usage_test(compare_same_markdown "--markdown: 'a' is the file that --report writes"
  ${compare} --report a --markdown a)
detent_add_usage_test(train_same_output "--export: 'a' is the file that --report writes"
  ${train} --report a --export a)
detent_add_usage_test(train_same_link "--export: 'b' is the file that --json writes"
  sh -c "ln -s a b && '${train}' --json a --export b")
# Nothing that steers a terminal gets there.
detent_add_usage_test(train_escape_method "--method: 'a.x1b.31m.x0a.' is none of none"
  sh -c "'${train}' --method \"$(printf 'a\\033[31m\\n.')\"")
detent_add_usage_test(train_escape_option ".x1b.31m" sh -c "'${train}' \"$(printf -- '--\\033[31m')\"")
detent_add_command_test(train_escape_data COMMAND sh -c "'${train}' --data \"$(printf 'a\\033[31m')\""
  EXIT_CODE 1 ERROR_LINE "a.x1b.31m: no such directory")
detent_add_usage_test(compare_same_bits "--same-bits: --activation-bits says otherwise"
  ${compare} --same-bits --activation-bits 4)
detent_add_usage_test(compare_jobs "--jobs: 0 is not in .1, 1024"
  ${compare} --jobs 0)
detent_add_usage_test(compare_jobs_many "--jobs: 100000 is not in .1, 1024"
  ${compare} --jobs 100000)
detent_add_usage_test(compare_layer_bits_name "no layer 'conv1'; there are fc1, fc2, fc3"
  ${compare} ${tiny} --layer-bits conv1=3)
foreach(program train compare)
  foreach(option json report)
    detent_add_usage_test(${program}_${option}_folder "--${option}: .*'missing' does not exist"
      ${${program}} --${option} missing/results)
  endforeach()
endforeach()
detent_add_usage_test(train_export_folder "--export: .*'missing' does not exist"
  ${train} --export missing/net.safetensors)
detent_add_usage_test(train_export_bits "--bits: 9 bits cannot be exported"
  ${train} --bits 9 --export net.safetensors)
detent_add_usage_test(inspect_no_file "FILE is required" ${inspect})
detent_add_usage_test(inspect_threads "--threads" ${inspect} net.safetensors --threads 0)
detent_add_usage_test(train_layer_bits "--layer-bits: 'fc1' is not of the form LAYER=BITS"
  ${train} --layer-bits fc1)
detent_add_usage_test(train_layer_bits_0 "--layer-bits fc1: 0 is not allowed"
  ${train} --layer-bits fc1=0)
detent_add_usage_test(train_start_bits "--start-bits fc1: 9 is not in .2"
  ${train} --start-bits fc1=9)
detent_add_usage_test(train_start_bits_name "--start-bits: there is no layer 'conv1'"
  ${train} ${tiny} --start-bits conv1=3)
detent_add_usage_test(compare_layer_bits "--layer-bits: 'fc1' is not of the form LAYER=BITS"
  ${compare} --layer-bits fc1)
detent_add_usage_test(train_layer_bits_name "no layer 'conv1'; there are fc1, fc2, fc3"
  ${train} ${tiny} --layer-bits conv1=3)

# A failure at work: exit code 1 and one line.
foreach(program train compare)
  detent_add_command_test(${program}_no_data COMMAND ${${program}} --data missing
    EXIT_CODE 1 ERROR_LINE "missing: no such directory")
endforeach()
detent_add_command_test(train_empty_data COMMAND ${train} --data .
  EXIT_CODE 1 ERROR_LINE "empty directory")
detent_add_command_test(train_batch COMMAND ${train} ${tiny} --batch 257
  EXIT_CODE 1 ERROR_LINE "batch size: 257, allowed are 1 to 256")

# Writes bytes, given as octal escapes for printf: CMake's own strings hold no byte 0.
function(detent_write_bytes file bytes)
  cmake_path(GET file PARENT_PATH folder)
  file(MAKE_DIRECTORY "${folder}")
  execute_process(COMMAND printf "${bytes}" OUTPUT_FILE "${file}" COMMAND_ERROR_IS_FATAL ANY)
endfunction()

set(data "${CMAKE_CURRENT_BINARY_DIR}/command_line_data")
detent_write_bytes("${data}/truncated/train-images-idx3-ubyte"
  [[\000\000\010\003\000\000\000\002\000\000\000\034\000\000\000\034abc]])
detent_write_bytes("${data}/label/train-images-idx3-ubyte"
  [[\000\000\010\003\000\000\000\002\000\000\000\001\000\000\000\001ab]])
detent_write_bytes("${data}/label/train-labels-idx1-ubyte"
  [[\000\000\010\001\000\000\000\002\001\012]])
foreach(name train-images-idx3-ubyte train-labels-idx1-ubyte)
  detent_add_usage_test(train_output_${name} "--json: .*/label/./${name}' is the file that --data reads"
    ${train} --data "${data}/label" --json "${data}/label/./${name}")
endforeach()
detent_add_command_test(train_truncated COMMAND ${train} --data "${data}/truncated"
  EXIT_CODE 1 ERROR_LINE "train-images-idx3-ubyte: offset 19: truncated")
detent_write_bytes("${data}/flipped/train-images-idx3-ubyte"
  [[\000\000\010\007\000\000\000\002\000\000\000\001\000\000\000\001ab]])
detent_write_bytes("${data}/cifar10/data_batch_1.bin" [[\003abc]])
detent_write_bytes("${data}/cifar10/test_batch.bin" [[\003abc]])
detent_add_command_test(train_flipped COMMAND ${train} --data "${data}/flipped"
  EXIT_CODE 1 ERROR_LINE "train-images-idx3-ubyte: offset 0: magic number 0x00000807")
detent_add_command_test(train_cifar10 COMMAND ${train} --data "${data}/cifar10"
  EXIT_CODE 1 ERROR_LINE "data_batch_1.bin: offset 0: truncated")
detent_add_command_test(train_diverged COMMAND ${train} ${few} --batch 8 --pretrain-epochs 0
    --epochs 1 --method none --lr 100 --json run.json
  EXIT_CODE 1 ERROR_LINE "the loss is not finite; try a lower --lr")
detent_add_command_test(train_label COMMAND ${train} --data "${data}/label"
  EXIT_CODE 1 ERROR_LINE "train-labels-idx1-ubyte: offset 9: label 10, allowed are 0 to 9")

detent_add_command_test(inspect_missing COMMAND ${inspect} missing.safetensors
  EXIT_CODE 1 ERROR_LINE "missing.safetensors: no such file")
detent_write_bytes("${data}/truncated.safetensors" [[\100\000\000\000\000\000\000\000{}]])
detent_add_command_test(inspect_truncated COMMAND ${inspect} "${data}/truncated.safetensors"
  EXIT_CODE 1 ERROR_LINE "truncated.safetensors: offset 10: truncated")
detent_write_bytes("${data}/huge.safetensors" [[\377\377\377\377\377\377\377\377{}]])
detent_add_command_test(inspect_huge COMMAND ${inspect} "${data}/huge.safetensors"
  EXIT_CODE 1 ERROR_LINE "huge.safetensors: offset 0: a header of 18446744073709551615 bytes")

# Success.
foreach(program train compare)
  detent_add_command_test(${program}_help COMMAND ${${program}} --help
    EXIT_CODE 0 OUTPUT "--activation-bits")
endforeach()
detent_add_command_test(inspect_help COMMAND ${inspect} --help EXIT_CODE 0 OUTPUT "--levels")
detent_add_command_test(train COMMAND ${train} ${tiny} --batch 64 --bits 3 --layer-bits fc2=5
    --seed 4 --json run.json --report run.html
  EXIT_CODE 0 OUTPUT "fc2.weight +32768 weights, 5 bits")
# What is read back is right on the same images as what was written.
detent_add_command_test(export COMMAND
    sh "${CMAKE_CURRENT_SOURCE_DIR}/trainer/exported.sh" ${train} ${inspect}
  EXIT_CODE 0 OUTPUT "fc2.weight +32,768 +3 .*code -4 +level .*average bits +3.00")
# The authors' form of the regularizer, in a float forward, where no level can flip.
detent_add_command_test(float COMMAND ${train} ${tiny} --batch 64 --method wrpn+sinreq --bits 2
    --forward float --domain raw --amplitude unit --extent periodic --strength 1 --first-last 8bit
    --activation-bits 4 --optimizer adam --lr 0.001 --lr-schedule cosine --augment
    --json run.json --report run.html
  EXIT_CODE 0 OUTPUT "fc2.weight +32768 weights, 2 bits")
# Bit-lengths that are learned: a high price leaves two bits.
detent_add_command_test(gates COMMAND ${train} ${tiny} --batch 32
    --method srq+dropbits+learned-bits --bits 4 --activation-bits 4 --strength 100 --gate-lr 2
    --range extent --scale-lr 0.01 --bits-report --json run.json --report run.html
  EXIT_CODE 0 OUTPUT "fc2.weight +32768 weights, 2 bits.*fc2.weight +2 +0.000 0.000")
detent_add_command_test(learned_grids COMMAND ${compare} ${tiny} --batch 64 --bits 2,3 --seeds 1
    --lr-schedules cosine --methods lsq,rq,srq-all --same-bits
  EXIT_CODE 0 OUTPUT "lsq +W2/A2 +1 .*srq-all +W3/A3 +1 ")
# One set of weights at a list of bits.
detent_add_command_test(ptq COMMAND ${train} ${tiny} --batch 64 --method none --ptq 8,2/32
    --json run.json --report run.html
  EXIT_CODE 0 OUTPUT "test %   validation %.*W8/A8 +[0-9]+.[0-9][0-9] +.*W2/A32 +[0-9]+")
detent_add_command_test(ptq_compared COMMAND ${compare} ${tiny} --batch 64 --bits 2 --seeds 1
    --lr-schedules cosine --methods none,wrpn --ptq 8,4/8
  EXIT_CODE 0 OUTPUT "as trained %  W8/A8 %  W4/A8 %.*none +W32/A32 .*wrpn +W2/A32 .*2 runs in")
# Penalties in full precision.
detent_add_command_test(gradl1 COMMAND ${train} ${tiny} --batch 64 --method gradl1 --strength 0.25
    --activation-strength 0.125 --start-epoch 1 --ptq 4 --json run.json --report run.html
  EXIT_CODE 0 OUTPUT "gradl1, mlp on glyphs, weights 32 bits.*regularizer's share +[1-9].*W4/A4")
detent_add_command_test(penalties COMMAND ${compare} ${tiny} --batch 64 --bits 3,4 --seeds 1
    --lr-schedules cosine --methods none,gradl1,gradl2,kure,bin --strengths kure=0.1,kure=0.2
    --ptq 4 --jobs 1
  EXIT_CODE 0 OUTPUT "kure +W32/A32 +0.1 .*kure +W32/A32 +0.2 .*bin +W32/A32 .*7 runs in")
# Ctrl-C: in training after the first epoch of the finetuning, which would take hours; in the comparison
# after the pretraining.
foreach(program train compare)
  set(lines 1)
  if(program STREQUAL "train")
    set(lines 2)
  endif()
  detent_add_command_test(interrupted_${program} COMMAND
      sh "${CMAKE_CURRENT_SOURCE_DIR}/trainer/interrupted.sh" ${lines} ${${program}} ${few} --batch 64
      --pretrain-epochs 1 --epochs 100000 --json run.json --report run.html
    EXIT_CODE 130 OUTPUT "interrupted")
endforeach()
detent_add_command_test(compare COMMAND ${compare} ${tiny} --batch 64 --bits 2 --seeds 1,2
    --lr-schedules constant --methods none,dorefa,dorefa+sinreq --json run.json --report run.html
  EXIT_CODE 0
  OUTPUT "none +W32/A32 +2 .*dorefa +W2/A32 +2 .*dorefa.sinreq +W2/A32 +2 .*6 runs in")
# One run that diverges: all the others are there, and the program says so in the end.
detent_add_command_test(failed COMMAND ${compare} ${tiny} --batch 8 --bits 2 --seeds 1
    --lr-schedules constant --methods none,gradl2,dorefa --strengths gradl2=1e6 --jobs 1000
    --json run.json --report run.html --markdown run.md
  EXIT_CODE 1
  OUTPUT "gradl2 +W32/A32 +0 of 1 +failed .*dorefa +W2/A32 +1 +[0-9].*failed: gradl2 .*not finite")
# A file that cannot be written takes no other down; nor does a reader that goes away.
set(lost "${CMAKE_CURRENT_SOURCE_DIR}/trainer/outputs_lost.sh")
set(one ${tiny} --batch 64 --bits 2 --seeds 1 --lr-schedules cosine --methods none)
if(EXISTS /dev/full)
  detent_add_command_test(full_file COMMAND
      sh "${lost}" full "run.md run.html" ${compare} ${one} --json /dev/full --markdown run.md
      --report run.html
    EXIT_CODE 0 OUTPUT "report: run.html")
  detent_add_command_test(full_train_file COMMAND
      sh "${lost}" full "run.html net" ${train} ${tiny} --batch 64 --bits 3 --json /dev/full
      --report run.html --export net
    EXIT_CODE 0 OUTPUT "report: run.html\nnetwork: net")
  foreach(program train compare inspect)
    detent_add_command_test(full_output_${program} COMMAND
        sh -c "'${${program}}' --help >/dev/full"
      EXIT_CODE 1 ERROR_LINE "cannot write the standard output: No space left on device")
  endforeach()
endif()
detent_add_command_test(reader_gone COMMAND
    sh "${lost}" reader run.json ${compare} ${one} --json run.json
  EXIT_CODE 0)
foreach(program train compare float gates failed ptq gradl1 interrupted_train interrupted_compare)
  set_tests_properties(command_line/${program} PROPERTIES
    FIXTURES_SETUP command_line_${program})
  add_test(NAME command_line/${program}_results
    COMMAND "${CMAKE_COMMAND}" -DPROGRAM=${program}
      "-DFOLDER=${CMAKE_CURRENT_BINARY_DIR}/command_line/${program}"
      -P "${CMAKE_CURRENT_SOURCE_DIR}/trainer/check_results.cmake")
  set_tests_properties(command_line/${program}_results PROPERTIES
    FIXTURES_REQUIRED command_line_${program} LABELS command_line)
endforeach()
